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
-- Adds an event to topics, unless the event was added before, and tells the listeners of each topic.
-- KEYS[1] note that the event was published  KEYS[2..] streams
-- ARGV[1] data  ARGV[2] nonce  ARGV[3] number of entries to keep  ARGV[4] TTL of a stream in ms
-- ARGV[5] TTL of the note in ms
-- Returns the id of the entry of the last stream, or '' if the event was added before.
-- Keeps: the ids of a stream have one epoch, and their second parts have no holes.
local note = KEYS[1]
local data, nonce, mostEntries, ttl, noteTtl = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
${LUA_ADD_EVENT}
if redis.call('EXISTS', note) == 1 then return '' end
local id
for number = 2, #KEYS do id = addEvent(KEYS[number], nonce, data, mostEntries, ttl) end
redis.call('SET', note, '1', 'PX', noteTtl)
return id
`,
  { isReply: isText },
);

/** The payload of an event's outbox entry. Entries of earlier releases have one `stream`. */
type FeedPayload = { data: string } & ({ streams: RedisKey[] } | { stream: RedisKey });

/** The receivers of an event. */
export interface PublishOptions {
  /** The id of the user or of the row, as the feed's audience requires; left out for a feed of the whole tenant. */
  to?: string;
}

/** A feed with the receivers of an event. */
export interface PublishTarget<Schema extends z.ZodType> extends PublishOptions {
  feed: Feed<Schema>;
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
  publishToAll(tx, [{ feed, ...options }], event);
}

/**
 * Publishes one event to several topics if the write commits, as {@link publish} does: 1 command for all topics, and none
 * without targets.
 * @throws {FeedError} `FEED_EVENT` as {@link publish}.
 */
export function publishToAll<Schema extends z.ZodType>(
  tx: Pick<Transaction, 'tenant' | 'addToOutbox'>,
  targets: readonly PublishTarget<Schema>[],
  event: z.input<Schema>,
): void {
  const [first] = targets;
  if (!first) return;
  const streams = targets.map(({ feed, ...options }) => streamOf(tx.tenant, feed, options));
  const payload: FeedPayload = { streams, data: dataOf(first.feed, event) };
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
  await add(redis, tenant, [streamOf(tenant, feed, options)], dataOf(feed, event), system.token());
}

/** Returns the outbox handler of events. 1 request for all entries, because their commands start in the same turn. */
export function feedHandler({ redis }: { redis: RedisClient }): OutboxHandler {
  const handle = (entries: readonly OutboxEntry[]) =>
    Promise.allSettled(
      entries.map(({ id, tenant, payload }) => {
        const given = payload as FeedPayload;
        return add(redis, tenant, 'streams' in given ? given.streams : [given.stream], given.data, id);
      }),
    );
  return Object.assign(handle, { needsSettled: true });
}

/** Adds an event to streams. The nonce is the event's: a second call with the same nonce adds nothing for 10 minutes. */
async function add(
  redis: RedisClient,
  tenant: string,
  streams: readonly RedisKey[],
  data: string,
  nonce: string,
): Promise<void> {
  const note = key(tenant, 'feedNote', nonce);
  await publishScript.call(redis, [note, ...streams], [data, nonce, MOST_ENTRIES, STREAM_TTL_MS, NOTE_TTL_MS]);
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
