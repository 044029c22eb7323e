/**
 * `job()` declares background work: its input, its retries and its code. A job is a value created at module load,
 * without I/O; `enqueue(tx, job, input)` does the rest. A job is delivered at least once. An effect that must not
 * happen twice goes into `context.transaction`, or uses the key of `context.step` as its idempotency key.
 */
import type { z } from 'zod';
import { declare } from '../declared.ts';
import { type Duration, milliseconds } from '../duration.ts';
import type { Log } from '../log.ts';
import type { Backoff, Waits } from './backoff.ts';
import { JobError } from './errors.ts';
import { type Middleware, runThrough } from './middleware.ts';
import type { JobOutcome } from './outcome.ts';
import type { JobScope, JobTenant, JobTransaction } from './scope.ts';

/** The priority of a job: it decides the order of publication, and the lane of the job's queue. */
export type Priority = 'high' | 'normal' | 'low';

/** The declaration of a {@link Job}. Only `input` and `run` are required. */
export interface JobDefinition<Schema extends z.ZodType, Result> {
  /** The schema of a run's input. The input is checked when the job is enqueued, and again before the run. */
  input: Schema;
  /**
   * The version of `input`. Increase the version when `input` no longer accepts the inputs of older messages. Default
   * 1.
   */
  version?: number;
  /** Converts an older version's input to this version. Without `upgrade`, `input` must accept older messages. */
  upgrade?(input: unknown, version: number): unknown;
  /** The number of attempts after the first attempt. Default 5. */
  retries?: number;
  backoff?: Backoff;
  /** The time limit of a run, at most 2 h. Default 1 min. */
  timeout?: Duration;
  /** The job's queue. Jobs of one queue share its {@link concurrency}. Default: the job's name. */
  queue?: string;
  /** The default priority of the job's messages. Default `normal`. */
  priority?: Priority;
  /**
   * The maximum number of parallel runs of the queue for each priority. `low` gets a quarter of this number. Default:
   * no limit.
   */
  concurrency?: number;
  /**
   * Returns the unique key. While a job with this key waits or runs, a new job with the same key is cancelled, with the
   * reason `DUPLICATE`.
   */
  unique?(input: z.output<Schema>): string;
  /** Only with `unique`: each job waits this long, and a new job replaces a waiting job that has the same key. */
  debounce?: Duration;
  /**
   * Seals the input, the result and all values between them, in Redis, in the outbox and at QStash. Needs SEAL_KEYS.
   */
  sensitive?: boolean;
  /**
   * The number of crashes (out of memory, killed, cut off) after which the next crash makes the job a dead letter.
   * Default 2. If both `maxCrashes` and `retries` are 0, a job starts at most once.
   */
  maxCrashes?: number;
  /**
   * Tells the progress and the end of the job to the topic `job:{id}` of `GET /feeds`, without further requests. Default
   * false, because Redis keeps the events of each live job for a day.
   */
  live?: boolean;
  /** How long the result can be read, at most 7 days. Default 1 day. */
  keepResult?: Duration;
  /** The job's own middleware, outermost first, inside the middleware of all jobs; see {@link JobMiddleware}. */
  middleware?: readonly JobMiddleware<z.output<Schema>>[];
  /** Does the work. A plain result may contain JSON values, Date, Map, Set, BigInt and Decimal. */
  run(input: z.output<Schema>, context: JobContext): Promise<Result | JobOutcome>;
}

/** A declared job. All times are in ms. */
export interface Job<Schema extends z.ZodType = z.ZodType, Result = unknown> {
  readonly name: string;
  readonly input: Schema;
  readonly version: number;
  readonly retries: number;
  readonly backoff: Waits;
  readonly timeoutMs: number;
  readonly queue: string;
  readonly priority: Priority;
  readonly concurrency: number | null;
  readonly debounceMs: number;
  readonly sensitive: boolean;
  readonly maxCrashes: number;
  readonly live: boolean;
  readonly keepResultMs: number;
  upgrade(input: unknown, version: number): unknown;
  uniqueOf(input: z.output<Schema>): string | null;
  /** Runs the job's code inside the job's own middleware. */
  perform(input: z.output<Schema>, context: JobContext): Promise<Result | JobOutcome>;
}

/** The context of a run: the second argument of `run`. */
export interface JobContext {
  /** The job's id: the same in every attempt, and after a replay. */
  readonly id: string;
  /** The number of this attempt: 1 in the first run of a slice. */
  readonly attempt: number;
  /** The cursor that the previous slice passed to {@link continueWith}; `undefined` in the first slice. */
  readonly cursor: unknown;
  /** Aborts at the deadline, after a cancellation, and when the lease is lost. Pass this signal to `fetch`. */
  readonly signal: AbortSignal;
  /** The time at which the run must have ended, in ms since the epoch. */
  readonly deadline: number;
  /** A number that grows with every run of this job. A resource that refuses lower fences is safe from late runs. */
  readonly fence: number;
  readonly log: Log;
  /** The services of the job's tenant. */
  readonly tenant: JobTenant;
  /** The services of the delivery. */
  readonly scope: JobScope;
  /**
   * Runs `work` and stores its result. If an earlier attempt stored a result, returns that result instead. 1 request.
   * If the process dies after `work` and before the result is stored, the next attempt runs `work` again. So pass `key`
   * as the idempotency key to the service that `work` calls.
   * @param name identifies the step within the slice.
   */
  step<Value>(name: string, work: (step: StepContext) => Promise<Value>): Promise<Value>;
  /**
   * Commits a write, unless an earlier attempt has committed it, and returns the write's result. The write and a row
   * that records the write are one SQL transaction, so the write is never applied twice.
   */
  transaction<Value>(name: string, work: (tx: JobTransaction) => Promise<Value>): Promise<Value>;
  /**
   * Extends the lease and records the progress. Listeners of a `live` job are told, at most once a second. 1 request, 1
   * command.
   */
  progress(value: unknown): Promise<void>;
  /**
   * Extends the lease. 1 request.
   * @throws {JobError} `JOB_CANCELLED` or `JOB_LEASE_LOST`; in both cases the signal aborts too.
   */
  heartbeat(): Promise<void>;
  /**
   * Enqueues another job of the tenant. A slice enqueues only one job for each `key`, even if the slice runs several
   * times.
   */
  enqueue<Schema extends z.ZodType>(
    job: Job<Schema>,
    input: z.input<Schema>,
    options: { key: string; delay?: Duration },
  ): Promise<string>;
}

/** The argument of a step's `work`. */
export interface StepContext {
  /** The idempotency key of this step's effect: the same in every attempt. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** The run that a middleware receives. */
export interface JobRun<Input = unknown> {
  readonly job: Job;
  /** The input, checked against the job's schema. */
  readonly input: Input;
  readonly context: JobContext;
}

/**
 * Wraps the runs of jobs. `next()` continues the run and resolves to its result or {@link JobOutcome}, even if the
 * run threw the outcome. `next()` rejects if the run fails, exceeds its time limit or is cancelled, even if the run
 * ignores its signal. The middleware's return value replaces the run's result; `undefined` keeps the result or the
 * error of `next()`. A middleware that does not call `next()` refuses the run, by an outcome or an error.
 * @throws {JobError} `JOB_MIDDLEWARE` from `next` if the middleware calls `next` twice. The run fails with the same
 * code if a middleware neither calls `next` nor returns an outcome.
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
 * @throws {JobError} `JOB_DEFINITION` if the declaration is invalid.
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
    live: definition.live ?? false,
    keepResultMs: milliseconds(definition.keepResult ?? '1d'),
    upgrade: (input, version) => definition.upgrade?.(input, version) ?? input,
    uniqueOf: (input) => definition.unique?.(input) ?? null,
    // If a middleware returns a value in place of the result, the value counts as the result.
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
  // The name is part of a URL, and signatures are bound to the URL. So each name must have only one spelling in a URL.
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
