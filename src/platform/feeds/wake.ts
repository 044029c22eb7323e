/**
 * Wakes the listeners of a topic: something that they show may have changed. Wake-ups are for pages that read a sum of many
 * changes, such as the figures of the service; a topic gets one in {@link WAKE_EVERY_MS} at most.
 */
import { z } from 'zod';
import { isInteger, type RedisClient, script } from '../redis/index.ts';
import { FeedError } from './errors.ts';
import type { Feed } from './feed.ts';
import { LUA_ADD_EVENT, LUA_WAKE, streamKey, wakeKey } from './lua.ts';

/** A wake-up. It says what kind of thing has changed, and no more. */
export const wakeUpSchema = z.object({ type: z.string() });

const wakeScript = script<number>(
  'feed.wake',
  `
-- Wakes the listeners of a topic, unless they were woken shortly before.
-- KEYS[1] stream  KEYS[2] note that the topic was woken
-- ARGV[1] data
-- Returns 1.
local stream, note, data = KEYS[1], KEYS[2], ARGV[1]
${LUA_ADD_EVENT}
${LUA_WAKE}
local time = redis.call('TIME')
wake(stream, note, time[1] .. string.format('%06d', tonumber(time[2])), data)
return 1
`,
  { isReply: isInteger },
);

/**
 * Wakes the listeners of a feed of the whole tenant, at most once in 5 s. 1 request, 1 command; the command joins the
 * request of other commands of the same turn of the event loop.
 * @throws {FeedError} `FEED_EVENT` for a feed of another audience.
 * @throws {RedisError}
 */
export async function wakeListeners(
  { redis, tenant }: { redis: RedisClient; tenant: string },
  feed: Feed<typeof wakeUpSchema>,
): Promise<void> {
  if (feed.audience !== 'tenant') throw new FeedError('FEED_EVENT', `Feed ${feed.name} is not for the whole tenant`);
  const keys = [streamKey(tenant, feed.source, undefined), wakeKey(tenant, feed.source)];
  await wakeScript.call(redis, keys, [JSON.stringify({ type: `${feed.source}.changed` })]);
}
