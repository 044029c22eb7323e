/**
 * A message: what was published, and how it fares. It is plain data; what moves it from phase to phase is in dispatch.ts.
 *
 * delayed → (queued) → (waitlisted) → sending → done, or → retrying → (waitlisted) → sending …
 */
import type { Publication } from './publication.ts';

/** Where a message is on its way. */
export type Phase = 'delayed' | 'queued' | 'waitlisted' | 'sending' | 'retrying' | 'done';

/** A message and its progress. Times are in milliseconds since the epoch. */
export interface Message extends Publication {
  messageId: string;
  callerIp: string;
  createdAt: number;
  /** When the first attempt is due. */
  notBefore: number;
  /** How many retries there have been. */
  retried: number;
  phase: Phase;
  /** Cancelling is noted at once and honoured at the next delivery time. */
  cancelRequested: boolean;
  /** The URL group it was published to, and the endpoint's name there. */
  topicName?: string | undefined;
  endpointName?: string | undefined;
  queueName?: string | undefined;
  scheduleId?: string | undefined;
  /** A callback holds the place in the queue of the message that it reports on. */
  holdsPlaceOf?: { queueName: string; messageId: string };
}

/** Whether a message has been delivered, is dead, or was cancelled. */
export function isDone({ phase }: Message): boolean {
  return phase === 'done';
}

/** What a message has from where it came from, rather than from its headers. */
export type Origin = Pick<Message, 'callerIp'> &
  Partial<Pick<Message, 'topicName' | 'endpointName' | 'queueName' | 'scheduleId' | 'holdsPlaceOf'>>;

/** A message that has just been accepted at `now`. */
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
