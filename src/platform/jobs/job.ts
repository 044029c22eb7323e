/**
 * Jobs as the platform and their code see them: the declared job, the context of its run, and middleware around runs. A
 * job is delivered at least once. An effect that must not happen twice goes into `context.transaction`, or uses the key
 * of `context.step` as its idempotency key.
 */
import type { z } from 'zod';
import type { Duration } from '../duration.ts';
import type { Log } from '../log.ts';
import type { Waits } from './backoff.ts';
import type { Middleware } from './middleware.ts';
import type { JobOutcome } from './outcome.ts';
import type { JobScope, JobTenant, JobTransaction } from './scope.ts';

/** The priority of a job: it decides the order of publication, and the lane of the job's queue. */
export type Priority = 'high' | 'normal' | 'low';

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
