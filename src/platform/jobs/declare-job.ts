/**
 * `job()` declares background work: its input, its retries and its code. A job is a value created at module load,
 * without I/O; `enqueue(tx, job, input)` does the rest.
 */
import type { z } from 'zod';
import { declare } from '../declared.ts';
import { type Duration, milliseconds } from '../duration.ts';
import type { Backoff } from './backoff.ts';
import { JobError } from './errors.ts';
import type { Job, JobContext, JobMiddleware, Priority } from './job.ts';
import { runThrough } from './middleware.ts';
import type { JobOutcome } from './outcome.ts';

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
