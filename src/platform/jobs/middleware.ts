/**
 * Middleware wraps the runs of all jobs, or of one job. Middleware runs inside the claim, so each run calls it once
 * and without an extra Redis request. An outcome that middleware returns or throws is the outcome of the run.
 */
import { JobError } from './errors.ts';
import { JobOutcome } from './outcome.ts';

/** The part of a run that this file uses. */
interface Wrapped {
  readonly job: { readonly name: string };
  readonly context: { readonly signal: AbortSignal };
}

/** A function that wraps a run; see `JobMiddleware`. */
export type Middleware<Run> = (run: Run, next: () => Promise<unknown>) => Promise<unknown>;

/** Runs `last` inside all middleware; the first middleware is the outermost. */
export function runThrough<Run extends Wrapped>(
  middleware: readonly Middleware<Run>[],
  run: Run,
  last: () => Promise<unknown>,
): Promise<unknown> {
  const from = (index: number): Promise<unknown> => {
    const wrap = middleware[index];
    return wrap ? through(wrap, run, () => from(index + 1)) : outcomeOf(() => untilAborted(last(), run.context.signal));
  };
  return from(0);
}

async function through<Run extends Wrapped>(
  wrap: Middleware<Run>,
  run: Run,
  goOn: () => Promise<unknown>,
): Promise<unknown> {
  let inner: Promise<unknown> | undefined;
  const next = async () => {
    if (inner) throw new JobError('JOB_MIDDLEWARE', `A middleware of job ${run.job.name} called next twice`);
    inner = goOn();
    // Prevents an unhandled rejection if the middleware does not await `inner`; the code below handles the error.
    inner.catch(() => {});
    return inner;
  };
  const given = await outcomeOf(() => wrap(run, next));
  if (given !== undefined) return given;
  if (!inner) {
    throw new JobError('JOB_MIDDLEWARE', `A middleware of job ${run.job.name} neither called next nor gave an outcome`);
  }
  return inner;
}

/** Returns the outcome that `work` returns or throws. Every other thrown error is a failure of the run. */
async function outcomeOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof JobOutcome) return error;
    throw error;
  }
}

/** Waits for `work`, but only until `signal` aborts. So a run that ignores the signal does not block the caller. */
export function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  return Promise.race([work, aborted]);
}
