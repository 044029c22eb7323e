/**
 * Publishes events. `publish()` adds an event to the outbox of a write, so the event is published if, and only if, the
 * write commits. The outbox publishes an event after the write's tags have new versions, so a browser that reads again
 * because of the event never gets a value from before the write.
 */
import type { z } from 'zod';
import type { OutboxEntry, OutboxHandler, Transaction } from '../outbox/index.ts';
import { isText, key, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { FeedError } from './errors.ts';
import type { Feed } from './feed.ts';
import { LUA_ADD_EVENT, MOST_ENTRIES, STREAM_TTL_MS, streamKey } from './lua.ts';

/** The kind of an event's outbox entry; see `outbox/outbox-handlers.ts`. */
export const FEED_EVENT = 'feed';

/** How long Redis knows that an outbox entry was published, in ms: 10 min. */
const NOTE_TTL_MS = 600_000;

/** The largest event as JSON, in bytes of UTF-8. */
const LARGEST_EVENT = 8_192;

const publishScript = script<string>(
  'feed.publish',
  `
-- Adds an event to a topic, unless the event was added before, and tells the topic's listeners.
-- KEYS[1] stream  KEYS[2] note that the event was published
-- ARGV[1] data  ARGV[2] nonce  ARGV[3] number of entries to keep  ARGV[4] TTL of the stream in ms
-- ARGV[5] TTL of the note in ms
-- Returns the id of the entry, or '' if the event was added before.
-- Keeps: the ids of a stream have one epoch, and their second parts have no holes.
local stream, note = KEYS[1], KEYS[2]
local data, nonce, mostEntries, ttl, noteTtl = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
${LUA_ADD_EVENT}
if redis.call('EXISTS', note) == 1 then return '' end
local id = addEvent(stream, nonce, data, mostEntries, ttl)
redis.call('SET', note, '1', 'PX', noteTtl)
return id
`,
  { isReply: isText },
);

/** The payload of an event's outbox entry. */
interface FeedPayload {
  stream: RedisKey;
  data: string;
}

/** The receivers of an event. */
export interface PublishOptions {
  /** The id of the user or of the row, as the feed's audience requires; left out for a feed of the whole tenant. */
  to?: string;
}

/**
 * Publishes an event if the write commits. The write itself costs no more; after COMMIT, 1 request publishes all events
 * of the write, with 1 command for each event.
 * @throws {FeedError} `FEED_EVENT` if the event does not match the schema, is too large, or lacks its audience.
 */
export function publish<Schema extends z.ZodType>(
  tx: Pick<Transaction, 'tenant' | 'addToOutbox'>,
  feed: Feed<Schema>,
  event: z.input<Schema>,
  options: PublishOptions = {},
): void {
  const payload: FeedPayload = { stream: streamOf(tx.tenant, feed, options), data: dataOf(feed, event) };
  tx.addToOutbox(FEED_EVENT, payload);
}

/**
 * Publishes an event at once, outside of a write: for changes that only Redis knows, such as the progress of a job. The
 * event is lost if Redis does not answer. 1 request, 1 command.
 * @throws {FeedError} `FEED_EVENT` as {@link publish}.
 * @throws {RedisError}
 */
export async function publishNow<Schema extends z.ZodType>(
  { redis, system, tenant }: { redis: RedisClient; system: { token(): string }; tenant: string },
  feed: Feed<Schema>,
  event: z.input<Schema>,
  options: PublishOptions = {},
): Promise<void> {
  await add(redis, tenant, streamOf(tenant, feed, options), dataOf(feed, event), system.token());
}

/** Returns the outbox handler of events. 1 request for all entries, because their commands start in the same turn. */
export function feedHandler({ redis }: { redis: RedisClient }): OutboxHandler {
  const handle = (entries: readonly OutboxEntry[]) =>
    Promise.allSettled(
      entries.map(({ id, tenant, payload }) => {
        const { stream, data } = payload as FeedPayload;
        return add(redis, tenant, stream, data, id);
      }),
    );
  return Object.assign(handle, { needsSettled: true });
}

/** Adds an event. The nonce identifies the event: a second call with the same nonce adds nothing for 10 minutes. */
async function add(redis: RedisClient, tenant: string, stream: RedisKey, data: string, nonce: string): Promise<void> {
  const note = key(tenant, 'feedNote', nonce);
  await publishScript.call(redis, [stream, note], [data, nonce, MOST_ENTRIES, STREAM_TTL_MS, NOTE_TTL_MS]);
}

function streamOf(tenant: string, feed: Feed, { to }: PublishOptions): RedisKey {
  if ((feed.audience === 'tenant') !== (to === undefined)) {
    const needs = feed.audience === 'tenant' ? 'is for the whole tenant, so `to` must be left out' : 'needs `to`';
    throw new FeedError('FEED_EVENT', `Feed ${feed.name} ${needs}`);
  }
  return streamKey(tenant, feed.source, to);
}

function dataOf(feed: Feed, event: unknown): string {
  const checked = feed.event.safeParse(event);
  if (!checked.success) {
    const fields = checked.error.issues.map(({ path }) => path.join('.') || 'the event').join(', ');
    throw new FeedError('FEED_EVENT', `Feed ${feed.name}: the event does not match its schema at ${fields}`);
  }
  const data = JSON.stringify(checked.data);
  if (Buffer.byteLength(data) > LARGEST_EVENT) {
    throw new FeedError('FEED_EVENT', `Feed ${feed.name}: an event may have at most ${LARGEST_EVENT} bytes`);
  }
  return data;
}
