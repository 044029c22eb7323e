/** The run of a job's code: within its time limit, inside its middleware, with every end as an outcome. */
import { messageOf, withoutMessage } from '../error-report.ts';
import { toDatabaseError } from '../sql/index.ts';
import type { Delivery } from './answer.ts';
import type { Claim } from './claim.ts';
import { createContext, type Run } from './context.ts';
import { codeOf, reasonOf, sealerOf } from './ending.ts';
import { JobError } from './errors.ts';
import type { Job } from './job.ts';
import type { Message } from './message.ts';
import { runThrough, untilAborted } from './middleware.ts';
import { JobOutcome, type Outcome } from './outcome.ts';
import { unpack } from './payload.ts';
import type { JobServices } from './registry.ts';

/** The maximum number of characters of an error's message that the record keeps. */
const LONGEST_MESSAGE = 500;

/** Runs the job's code inside all middleware, within the job's time limit, and returns the outcome. */
export async function perform(
  { scope, services, registry, message }: Delivery,
  job: Job,
  input: unknown,
  held: Claim,
): Promise<Outcome> {
  const { system, log } = services;
  const controller = new AbortController();
  const { signal } = controller;
  const stopTimer = system.timer(job.timeoutMs, () => {
    controller.abort(new JobError('JOB_TIMEOUT', `Job ${job.name} took longer than ${job.timeoutMs} ms`));
  });
  try {
    const cursor = await cursorOf(services, job, message, held);
    const deadline = system.now() + job.timeoutMs;
    const run: Run = { scope, services, job, message, claim: held, cursor, controller, deadline };
    const context = createContext(run);
    const work = runThrough(registry.middleware, { job, input, context }, () => job.perform(input, context));
    const value = await untilAborted(work, signal);
    return value instanceof JobOutcome ? value.outcome : { kind: 'done', result: value ?? null };
  } catch (error) {
    if (error instanceof JobOutcome) return error.outcome;
    if (signal.aborted && codeOf(signal.reason) === 'JOB_CANCELLED') return { kind: 'cancel', reason: 'CANCELLED' };
    const { ERROR_MESSAGES: messages } = scope.environment;
    const told = messages === 'shown' ? error : withoutValues(error, job);
    log.warn('jobs.failed', { attempt: held.attempt, error: told });
    const errorMessage = messageOf(told, messages).slice(0, LONGEST_MESSAGE);
    return { kind: 'retry', afterMs: null, reason: reasonOf(error), errorMessage };
  } finally {
    stopTimer();
  }
}

/**
 * Returns an error that may be logged. A sensitive job's error loses its message, because the message may quote
 * secrets.
 */
function withoutValues(error: unknown, { sensitive }: Job): unknown {
  return sensitive ? withoutMessage(error) : (toDatabaseError(error) ?? error);
}

async function cursorOf(services: JobServices, job: Job, { tenant, name, id }: Message, held: Claim): Promise<unknown> {
  if (held.cursor === '') return undefined;
  return unpack(held.cursor, { tenant, name, id, what: 'cursor' }, sealerOf(job, services));
}
