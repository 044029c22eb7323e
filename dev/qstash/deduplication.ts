/**
 * Deduplication: within a window (ten minutes) a second message with the same id, or the same content, is answered with
 * the first one's id and not delivered. It is publishing that is deduplicated, not success: a failed message still blocks.
 */
import { createHash } from 'node:crypto';
import type { Publication } from './publication.ts';

/** The keys seen, oldest first, which is also the order in which they are forgotten. */
export type SeenKeys = Map<string, { messageId: string; until: number }>;

/** The id of the message that has this key already; otherwise the given one, which is remembered for `windowMs`. */
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
 * What makes a message the same as another; undefined when it may always be sent.
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
