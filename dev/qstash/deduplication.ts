/**
 * Deduplication. Within a window of ten minutes, a second message with the same deduplication id or content is not
 * delivered, and its response has the first message's id. The window begins with the publication, not with the
 * delivery: even a message that failed blocks its deduplication id.
 */
import { createHash } from 'node:crypto';
import type { Publication } from './publication.ts';

/** The keys of earlier messages, oldest first. Keys are removed in this order. */
export type SeenKeys = Map<string, { messageId: string; until: number }>;

/**
 * Returns the id of an earlier message with this key. If there is none, stores the given id for `windowMs` and returns
 * it.
 */
export function firstWithKey(seen: SeenKeys, key: string, messageId: string, now: number, windowMs: number): string {
  for (const [old, { until }] of seen) {
    if (until > now) break;
    seen.delete(old);
  }
  const earlier = seen.get(key);
  if (earlier !== undefined) return earlier.messageId;
  seen.set(key, { messageId, until: now + windowMs });
  return messageId;
}

/**
 * Returns the deduplication key of a message; undefined if the message is always sent.
 *
 * @param topicName the name of the URL group; each endpoint of a group has its own message and its own key
 */
export function deduplicationKey(publication: Publication, topicName: string | undefined): string | undefined {
  const { url, headers, body, requestHeaders } = publication;
  const id = requestHeaders['upstash-deduplication-id'];
  if (id !== undefined) return topicName === undefined ? `id:${id}` : `id:${topicName}:${url}:${id}`;
  if (requestHeaders['upstash-content-based-deduplication'] !== 'true') return undefined;
  const content = createHash('sha256').update(JSON.stringify([url, Object.entries(headers).sort()]));
  return `content:${content.update(body).digest('hex')}`;
}
