/**
 * Converts the outcome of a run to the change of the job's record. If the last attempt failed, the job becomes dead.
 */
import type { Sealer } from '../redis/index.ts';
import { backoffMs } from './backoff.ts';
import type { Claim } from './claim.ts';
import type { Ending } from './finish.ts';
import type { Job } from './job.ts';
import type { Message } from './message.ts';
import type { Outcome } from './outcome.ts';
import { pack } from './payload.ts';
import type { JobServices } from './registry.ts';

/** The longest wait that QStash accepts in a `Retry-After`, in ms. */
const LONGEST_WAIT_MS = 86_400_000;

/** Returns the ending for an outcome. A failure makes the job dead if no attempt is left. */
export async function endingOf(
  services: JobServices,
  job: Job,
  message: Message,
  held: Claim,
  outcome: Outcome,
): Promise<Ending> {
  const write = (value: unknown, what: string) => pack(value, { ...message, what }, sealerOf(job, services));
  try {
    switch (outcome.kind) {
      case 'done':
        return { to: 'done', result: await write(outcome.result, 'result'), keepMs: job.keepResultMs };
      case 'continue':
        return { to: 'continue', cursor: await write(outcome.cursor, 'cursor') };
      case 'snooze':
        return { to: 'snooze', delayMs: outcome.ms };
      case 'cancel':
        return { to: 'cancelled', reason: outcome.reason };
      case 'fatal':
        return { to: 'dead', reason: outcome.reason, errorMessage: '' };
      case 'retry':
        return failureOf(services, job, held, outcome);
    }
  } catch (error) {
    services.log.error('jobs.result_unwritable', { error });
    return { to: 'dead', reason: 'RESULT_UNWRITABLE', errorMessage: '' };
  }
}

function failureOf(
  { system }: JobServices,
  job: Job,
  held: Claim,
  { reason, errorMessage = '', afterMs, atMs }: Extract<Outcome, { kind: 'retry' }>,
): Ending {
  const errors = held.errors + 1;
  if (errors > job.retries) return { to: 'dead', reason, errorMessage };
  const askedMs = atMs === undefined ? afterMs : Math.max(0, atMs - system.now());
  const waitMs = askedMs ?? backoffMs(job.backoff, errors) * (1 + system.random() / 10);
  return { to: 'failed', reason, errorMessage, waitMs: Math.min(LONGEST_WAIT_MS, Math.ceil(waitMs)) };
}

/** Returns the sealer for a job's values, in the form that `payload.ts` expects. */
export function sealerOf(job: Job, { sealer }: Pick<JobServices, 'sealer'>): Sealer | null | undefined {
  return job.sensitive ? sealer : undefined;
}

/** Returns the stable code of an error; `undefined` if the error has no code. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Returns an error's class and code, for the record, its past attempts and QStash. */
export function reasonOf(error: unknown): string {
  const parts = [error instanceof Error ? error.name : typeof error, codeOf(error) ?? ''];
  return parts.filter((part) => /^[\w.-]{1,60}$/.test(part)).join(' ') || 'ERROR';
}
