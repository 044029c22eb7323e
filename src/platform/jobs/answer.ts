/** A delivery of a job, and its answer to QStash. */
import { isRefusal } from '../redis/index.ts';
import type { Message } from './message.ts';
import type { JobRegistry, JobServices } from './registry.ts';
import type { JobScope } from './scope.ts';

/** The answer to QStash. */
export type Answer =
  /** The message needs no further delivery. */
  | { kind: 'settled'; state: string }
  /** Another run holds the job's lease, or the next attempt is not due: deliver again after the wait. */
  | { kind: 'busy'; waitMs: number }
  /** The run failed: deliver again after the wait. */
  | { kind: 'failed'; reason: string; waitMs: number }
  /** The job cannot be checked or run now: deliver again after the wait. */
  | { kind: 'unavailable'; reason: string; waitMs: number }
  /** The job can never run: do not deliver the message again. */
  | { kind: 'refused'; reason: string }
  /** The same delivery has already run the job: the request is a replay. */
  | { kind: 'replay' };

/** A delivery with a verified message. */
export interface Delivery {
  scope: JobScope;
  services: JobServices;
  registry: JobRegistry;
  message: Message;
  /** Identifies this delivery. Without a nonce, a replay cannot be recognized. */
  nonce?: string;
}

/** Returns the answer if Redis cannot be asked about the job. */
export function outOfReach({ log }: JobServices, error: unknown, waitMs: number): Answer {
  log.error('jobs.unavailable', { error });
  return { kind: 'unavailable', reason: isRefusal(error) ? 'REDIS_REFUSED' : 'REDIS_UNAVAILABLE', waitMs };
}
