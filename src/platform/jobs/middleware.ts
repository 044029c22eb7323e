/**
 * Middleware wraps the runs of every job, or of one. It runs inside the claim, so it sees each run once and costs no
 * Redis request, and an outcome it returns or throws counts as the run's own.
 */
import { JobError } from './errors.ts';
import { JobOutcome } from './outcome.ts';

/** The part of a run that this file uses. */
interface Wrapped {
  readonly job: { readonly name: string };
  readonly context: { readonly signal: AbortSignal };
}

/** Wraps a run; see `JobMiddleware`. */
export type Middleware<Run> = (run: Run, next: () => Promise<unknown>) => Promise<unknown>;

/** Runs `last` inside of the middleware, the first one outermost. */
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
    // Avoids an unhandled rejection: if the middleware did not await this, the error surfaces below or is replaced.
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

/** A run may throw its outcome from deep inside. From here on outcomes are values, and thrown errors are failures. */
async function outcomeOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof JobOutcome) return error;
    throw error;
  }
}

/** Waits for work no longer than a signal allows: a run that does not listen to it is not waited for. */
export function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  return Promise.race([work, aborted]);
}
