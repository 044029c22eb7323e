/**
 * A message: the published request and its progress, as plain data. dispatch.ts moves a message from phase to phase.
 *
 * delayed → (queued) → (waitlisted) → sending → done, or → retrying → (waitlisted) → sending …
 */
import type { Publication } from './publication.ts';

/** The phase of a message. */
export type Phase = 'delayed' | 'queued' | 'waitlisted' | 'sending' | 'retrying' | 'done';

/** A message and its progress. Times are in milliseconds since the epoch. */
export interface Message extends Publication {
  messageId: string;
  callerIp: string;
  createdAt: number;
  /** The due time of the first attempt. */
  notBefore: number;
  /** The number of retries so far. */
  retried: number;
  phase: Phase;
  /** True after a request to cancel, which takes effect at the next delivery time. */
  cancelRequested: boolean;
  /** The URL group to which the message was published, and the endpoint's name there. */
  topicName?: string | undefined;
  endpointName?: string | undefined;
  queueName?: string | undefined;
  scheduleId?: string | undefined;
  /**
   * Only in a callback for a message of a queue: the queue, and the id of the message that the callback reports. The
   * callback shares the slot of that message. The slot becomes free when the message and all its callbacks have ended.
   */
  holdsPlaceOf?: { queueName: string; messageId: string };
}

/** Returns true if a message has been delivered, is dead, or was cancelled. */
export function isDone({ phase }: Message): boolean {
  return phase === 'done';
}

/** The fields of a message that do not come from its headers: the caller, the URL group, the queue, the schedule. */
export type Origin = Pick<Message, 'callerIp'> &
  Partial<Pick<Message, 'topicName' | 'endpointName' | 'queueName' | 'scheduleId' | 'holdsPlaceOf'>>;

/** Creates a message that was accepted at `now`. */
export function newMessage(publication: Publication, origin: Origin, messageId: string, now: number): Message {
  return {
    ...publication,
    ...origin,
    messageId,
    createdAt: now,
    notBefore: Math.max(now, publication.notBefore ?? now + publication.delayMs),
    retried: 0,
    phase: 'delayed',
    cancelRequested: false,
  };
}
