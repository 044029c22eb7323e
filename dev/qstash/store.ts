/**
 * What the emulator remembers: messages under way, the dead-letter queue, and the deduplication ids of the last ten minutes.
 * In memory, and gone with the process.
 */
import { createHash } from 'node:crypto';
import type { Message, Publication } from './message.ts';

/** A message that will not be delivered any more, and the last answer to it. */
export interface DeadLetter {
  dlqId: string;
  message: Message;
  responseStatus: number;
  responseHeaders: Record<string, string[]>;
  responseBody: Buffer;
}

/** The state of one emulator. */
export class MessageStore {
  readonly live = new Map<string, Message>();
  readonly dead = new Map<string, DeadLetter>();
  readonly #deduplicationWindowMs: number;
  readonly #seen = new Map<string, { messageId: string; until: number }>();

  constructor(deduplicationWindowMs: number) {
    this.#deduplicationWindowMs = deduplicationWindowMs;
  }

  /**
   * The id of the message that this one duplicates; otherwise its own id, which is remembered.
   * It is publishing that is deduplicated, not success: a failed message still blocks its id.
   */
  deduplicate(publication: Publication, messageId: string, now: number): string {
    const key = deduplicationKey(publication);
    if (key === undefined) return messageId;
    for (const [old, { until }] of this.#seen) if (until <= now) this.#seen.delete(old);
    const earlier = this.#seen.get(key);
    if (earlier !== undefined) return earlier.messageId;
    this.#seen.set(key, { messageId, until: now + this.#deduplicationWindowMs });
    return messageId;
  }
}

function deduplicationKey(publication: Publication): string | undefined {
  if (publication.deduplicationId !== undefined) return `id:${publication.deduplicationId}`;
  if (!publication.contentBasedDeduplication) return undefined;
  const { url, headers, body } = publication;
  return `content:${createHash('sha256')
    .update(JSON.stringify([url, Object.entries(headers).sort()]))
    .update(body)
    .digest('hex')}`;
}
