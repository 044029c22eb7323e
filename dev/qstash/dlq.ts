/**
 * The dead-letter queue: messages that will not be delivered any more, each with its last response. An id consists of
 * the time of death and a counter, so ids sort by age and serve as cursors. The queue keeps at most ten thousand dead
 * letters, each for a week.
 */

import { describeMessage } from './describe-message.ts';
import { responseHeaders } from './events.ts';
import type { Message } from './message.ts';
import { asText } from './redaction.ts';
import type { AttemptResponse } from './response.ts';

/** A dead letter. */
export interface DeadLetter {
  dlqId: string;
  diedAt: number;
  message: Message;
  response: AttemptResponse;
}

/**
 * The dead letters by id, oldest first. `newest` is the newest id, from which the next id is made, so that no id occurs
 * twice.
 */
export interface DeadLetters {
  letters: Map<string, DeadLetter>;
  newest: { time: number; counter: number };
}

const RETENTION_MS = 7 * 86_400_000;
const KEPT = 10_000;

/** Adds a message and returns its dead-letter id. */
export function deadLetter(dead: DeadLetters, message: Message, response: AttemptResponse, now: number): string {
  forgetOld(dead.letters, now);
  dead.newest = { time: now, counter: dead.newest.time === now ? dead.newest.counter + 1 : 0 };
  const dlqId = `${now}-${dead.newest.counter}`;
  dead.letters.set(dlqId, { dlqId, diedAt: now, message, response });
  return dlqId;
}

/** Creates an empty dead-letter queue. */
export function deadLetters(): DeadLetters {
  return { letters: new Map(), newest: { time: 0, counter: 0 } };
}

function forgetOld(letters: Map<string, DeadLetter>, now: number): void {
  for (const [dlqId, { diedAt }] of letters) {
    if (diedAt > now - RETENTION_MS && letters.size < KEPT) break;
    letters.delete(dlqId);
  }
}

/** Returns true if the first id is newer than the second. */
export function isAfter(dlqId: string, other: string): boolean {
  const [time = 0, counter = 0] = dlqId.split('-').map(Number);
  const [otherTime = 0, otherCounter = 0] = other.split('-').map(Number);
  return time === otherTime ? counter > otherCounter : time > otherTime;
}

/** Describes a dead letter with the fields of the API. */
export function describeDeadLetter({ dlqId, message, response }: DeadLetter): Record<string, unknown> {
  const text = asText(response.body);
  return {
    ...describeMessage(message),
    dlqId,
    responseStatus: response.status,
    responseHeader: responseHeaders(response),
    ...(text === undefined ? { responseBodyBase64: response.body.toString('base64') } : { responseBody: text }),
  };
}
