/**
 * `job()` declares background work: what it is handed, how it may fail, and what it does. A job is a value made at
 * module load, without I/O; `enqueue(tx, job, input)` does the rest. A run is delivered at least once: what must not
 * happen twice goes into `context.transaction`, or carries the key that `context.step` hands out.
 */
import type { z } from 'zod';
import { declare } from '../declared.ts';
import { type Duration, milliseconds } from '../duration.ts';
import type { Log } from '../log.ts';
import { JobError } from './errors.ts';
import { type Middleware, runThrough } from './middleware.ts';
import type { JobOutcome } from './outcome.ts';
import type { JobScope, JobTenant, JobTransaction } from './scope.ts';

/** The priority of a job: the order in which waiting jobs are handed over, and the lane of the job's queue. */
export type Priority = 'high' | 'normal' | 'low';

/** Waits between attempts: `first`, `first × factor`, … up to `max`, each with a random addition of up to 10 %. */
export interface Backoff {
  /** Default 10 s. */
  first?: Duration;
  /** Default 2. */
  factor?: number;
  /** Default 1 h; at most a day. */
  max?: Duration;
}

/** The declaration of a {@link Job}. Only `input` and `run` are needed. */
export interface JobDefinition<Schema extends z.ZodType, Result> {
  /** The input of a run. Checked when the job is enqueued and again before it runs. */
  input: Schema;
  /** The version of `input`. Increase it when `input` no longer accepts older messages. Default 1. */
  version?: number;
  /** Converts the input of an older version to this version. Without it, `input` must accept older messages. */
  upgrade?(input: unknown, version: number): unknown;
  /** Attempts after the first. Default 5. */
  retries?: number;
  backoff?: Backoff;
  /** How long one run may take, at most 2 h. Default 1 min. */
  timeout?: Duration;
  /** Jobs of one queue share its {@link concurrency}. Default: the job's name. */
  queue?: string;
  /** Default `normal`. */
  priority?: Priority;
  /** The most runs of this queue at a time, for each priority; for `low` a quarter of it. Default: as many as come. */
  concurrency?: number;
  /** While a job with this key waits or runs, another one with the key ends as cancelled, `DUPLICATE`. */
  unique?(input: z.output<Schema>): string;
  /** With `unique`: a job waits this long, and the last one enqueued within that time is the one that runs. */
  debounce?: Duration;
  /** Seals the input, the result and everything between in the outbox, at QStash and in Redis. Needs SEAL_KEYS. */
  sensitive?: boolean;
  /**
   * How often a run may crash (out of memory, killed, cut off) before the job becomes a dead letter. Default 2.
   * With 0 a job starts at most once.
   */
  maxCrashes?: number;
  /** How long the result can be asked for, at most 7 days. Default 1 day. */
  keepResult?: Duration;
  /** The job's own middleware, outermost first. It runs inside that of all jobs; see {@link JobMiddleware}. */
  middleware?: readonly JobMiddleware<z.output<Schema>>[];
  /** Does the work. A plain result may contain JSON values, and Date, Map, Set, BigInt and Decimal. */
  run(input: z.output<Schema>, context: JobContext): Promise<Result | JobOutcome>;
}

/** A declared job. All times in ms. */
export interface Job<Schema extends z.ZodType = z.ZodType, Result = unknown> {
  readonly name: string;
  readonly input: Schema;
  readonly version: number;
  readonly retries: number;
  readonly backoff: Readonly<Required<{ [Option in keyof Backoff]: number }>>;
  readonly timeoutMs: number;
  readonly queue: string;
  readonly priority: Priority;
  readonly concurrency: number | null;
  readonly debounceMs: number;
  readonly sensitive: boolean;
  readonly maxCrashes: number;
  readonly keepResultMs: number;
  upgrade(input: unknown, version: number): unknown;
  uniqueOf(input: z.output<Schema>): string | null;
  /** Does the work, inside of the job's own middleware. */
  perform(input: z.output<Schema>, context: JobContext): Promise<Result | JobOutcome>;
}

/** The second argument of a run, after its input. */
export interface JobContext {
  /** The job's own id: the same in every attempt, and after a replay. */
  readonly id: string;
  /** 1 in the first run of a slice. */
  readonly attempt: number;
  /** Where {@link continueWith} left off; `undefined` in the first slice. */
  readonly cursor: unknown;
  /** Aborts at the deadline, when the job is cancelled, and when the lease is lost. Hand it to `fetch`. */
  readonly signal: AbortSignal;
  /** When the run must have ended, in ms since the epoch. */
  readonly deadline: number;
  /** Grows with every run of this job, for ever. A resource that refuses lower ones is safe from late runs. */
  readonly fence: number;
  readonly log: Log;
  /** The services of the tenant the job belongs to. */
  readonly tenant: JobTenant;
  /** The services of the delivery. */
  readonly scope: JobScope;
  /**
   * Runs `work` unless an earlier attempt did, and stores its result. 1 request. If the process dies between the work
   * and the storing, the work runs again: so pass its `key` to the called service as the idempotency key.
   * @param name tells the steps of a slice apart.
   */
  step<Value>(name: string, work: (step: StepContext) => Promise<Value>): Promise<Value>;
  /**
   * Commits a write unless an earlier attempt did, and returns its result. The write and the row that records it are
   * one SQL transaction, so the write is never applied twice.
   */
  transaction<Value>(name: string, work: (tx: JobTransaction) => Promise<Value>): Promise<Value>;
  /** Extends the lease and records the progress. 1 request. */
  progress(value: unknown): Promise<void>;
  /**
   * Extends the lease. 1 request.
   * @throws {JobError} `JOB_CANCELLED` or `JOB_LEASE_LOST`; the signal aborts too.
   */
  heartbeat(): Promise<void>;
  /**
   * Enqueues another job of the tenant, once for each `key` of this job's slice, however often it runs.
   */
  enqueue<Schema extends z.ZodType>(
    job: Job<Schema>,
    input: z.input<Schema>,
    options: { key: string; delay?: Duration },
  ): Promise<string>;
}

/** The argument of a step. */
export interface StepContext {
  /** Names this effect of this job, the same in every attempt. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** A run as its middleware sees it. */
export interface JobRun<Input = unknown> {
  readonly job: Job;
  /** Checked against the job's schema. */
  readonly input: Input;
  readonly context: JobContext;
}

/**
 * Wraps the runs of jobs. `next()` goes on with the run and gives what it returned: its result, or a {@link JobOutcome},
 * also if it was thrown. It rejects if the run failed, and when its time is over or it is cancelled, whether the run
 * listens to its signal or not. The middleware's return value replaces the run's result; with `undefined` the outcome
 * of `next()` stays, an error included. Without `next()` the run is refused: by an outcome or an error.
 * @throws {JobError} `JOB_MIDDLEWARE` out of `next` when it is called twice; and the run fails with it if a middleware
 * neither calls `next` nor says how the run ends.
 * @example
 * ```ts
 * const onlyForKnownTenants: JobMiddleware = async ({ context }, next) => {
 *   if (!(await isKnown(context.tenant))) return cancel('UNKNOWN_TENANT');
 *   const began = context.scope.system.now();
 *   try {
 *     return await next();
 *   } finally {
 *     context.log.info('jobs.took', { ms: context.scope.system.now() - began });
 *   }
 * };
 * export const jobs = createJobs([sendInvoice], { middleware: [onlyForKnownTenants] });
 * ```
 */
export type JobMiddleware<Input = unknown> = Middleware<JobRun<Input>>;

const DAY_MS = 86_400_000;

/**
 * Declares a job.
 * @throws {JobError} `JOB_DEFINITION` if the declaration does not make sense.
 * @example
 * ```ts
 * export const sendInvoice = job('invoice.send', {
 *   input: z.object({ invoiceId: z.string() }),
 *   unique: ({ invoiceId }) => invoiceId,
 *   async run({ invoiceId }, { step, transaction }) {
 *     const { mailId } = await step('mail', ({ key }) => sendMail(invoiceId, { idempotencyKey: key }));
 *     await transaction('sent', (tx) => markSent(tx, invoiceId, mailId));
 *   },
 * });
 * ```
 */
export function job<Schema extends z.ZodType, Result>(
  name: string,
  definition: JobDefinition<Schema, Result>,
): Job<Schema, Result> {
  const { backoff = {}, debounce, middleware = [] } = definition;
  const job: Job<Schema, Result> = {
    name,
    input: definition.input,
    version: definition.version ?? 1,
    retries: definition.retries ?? 5,
    backoff: {
      first: milliseconds(backoff.first ?? '10s'),
      factor: backoff.factor ?? 2,
      max: milliseconds(backoff.max ?? '1h'),
    },
    timeoutMs: milliseconds(definition.timeout ?? '1m'),
    queue: definition.queue ?? name,
    priority: definition.priority ?? 'normal',
    concurrency: definition.concurrency ?? null,
    debounceMs: debounce === undefined ? 0 : milliseconds(debounce),
    sensitive: definition.sensitive ?? false,
    maxCrashes: definition.maxCrashes ?? 2,
    keepResultMs: milliseconds(definition.keepResult ?? '1d'),
    upgrade: (input, version) => definition.upgrade?.(input, version) ?? input,
    uniqueOf: (input) => definition.unique?.(input) ?? null,
    // A value that a middleware returns in place of a result is treated as the result.
    perform: (input, context) =>
      runThrough(middleware, { job: job, input, context }, () => definition.run(input, context)) as Promise<Result>,
  };
  const problem = problemOf(job, definition.unique !== undefined);
  if (problem) throw new JobError('JOB_DEFINITION', `Job ${name}: ${problem}`);
  declare({ kind: 'job', name });
  return job;
}

function problemOf(job: Job, isUnique: boolean): string | null {
  const whole = (value: number, least: number) => Number.isInteger(value) && value >= least;
  // The name is part of a URL that signatures are bound to, so no two writings of it may exist.
  if (!/^[a-z][a-z0-9.-]{0,63}$/.test(job.name)) return 'its name must be lower-case letters, digits, dots and dashes';
  if (!/^[a-z][a-z0-9.-]{0,63}$/.test(job.queue)) return 'its queue must be named like a job';
  if (!whole(job.version, 1)) return 'version must be a whole number from 1';
  if (!whole(job.retries, 0)) return 'retries must be a whole number from 0';
  if (!whole(job.maxCrashes, 0)) return 'maxCrashes must be a whole number from 0';
  if (job.concurrency !== null && !whole(job.concurrency, 1)) return 'concurrency must be a whole number from 1';
  if (!(job.backoff.factor >= 1)) return 'backoff.factor must be at least 1';
  if (job.backoff.max > DAY_MS) return 'backoff.max may be a day at most';
  if (job.timeoutMs > 2 * 3_600_000 || job.timeoutMs < 1) return 'timeout must be between 1 ms and 2 h';
  if (job.keepResultMs > 7 * DAY_MS) return 'keepResult may be 7 days at most';
  if (job.debounceMs > 0 && !isUnique) return 'debounce needs unique';
  return null;
}

/** How long to wait after the given number of errors (from 1), without chance, in ms. */
export function backoffMs({ backoff: { first, factor, max } }: Pick<Job, 'backoff'>, errors: number): number {
  return Math.min(max, first * factor ** (errors - 1));
}
