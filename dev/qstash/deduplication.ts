/**
 * Deduplication: within a window (ten minutes) a second message with the same id, or the same content, is answered
 * with the first one's id and not delivered. The publication counts, not the delivery: a failed message still blocks
 * its id.
 */
import { createHash } from 'node:crypto';
import type { Publication } from './publication.ts';

/** The keys seen, oldest first, which is also the order of their removal. */
export type SeenKeys = Map<string, { messageId: string; until: number }>;

/** The id of an earlier message with this key; otherwise the given id, which is remembered for `windowMs`. */
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
 * The deduplication key of a message; undefined if the message is always sent.
 *
 * @param topicName in a URL group each endpoint has its own message, and so its own key
 */
export function deduplicationKey(publication: Publication, topicName: string | undefined): string | undefined {
  const { url, headers, body, requestHeaders } = publication;
  const id = requestHeaders['upstash-deduplication-id'];
  if (id !== undefined) return topicName === undefined ? `id:${id}` : `id:${topicName}:${url}:${id}`;
  if (requestHeaders['upstash-content-based-deduplication'] !== 'true') return undefined;
  const content = createHash('sha256').update(JSON.stringify([url, Object.entries(headers).sort()]));
  return `content:${content.update(body).digest('hex')}`;
}
