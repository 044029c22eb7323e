/**
 * Publishes events: the outbox handler adds the events of committed writes to the tenant's stream in Redis, and wakes
 * the stream's consumer groups. An event whose outbox entry is handled twice is added once.
 */
import { comparePositions, EVENT, EVENT_AGAIN, type EventPayload, type StoredEvent } from '../events/index.ts';
import type { BaseScope } from '../jobs/index.ts';
import type { OutboxEntry, OutboxHandler, OutboxHandlers } from '../outbox/index.ts';
import { isListOf, isText, type RedisClient, script } from '../redis/index.ts';
import { consumersOf } from './consumer.ts';
import { memberOf, streamKeys, watchKey } from './keys.ts';
import { LUA_BEFORE, LUA_CLOCK, LUA_GROUPS } from './lua.ts';
import { WAKE_MS, wake } from './wake.ts';

/** Redis knows for this time that an event was published, in ms. */
const RECENT_MS = 600_000;
/** The most events of one script call. */
const LARGEST_CHUNK = 100;
/** The bound of a stream in Redis that no consumer of this release declares. */
const DEFAULT_ENTRIES = 10_000;

const publishScript = script<string[]>(
  'stream.publish',
  `
-- Adds events to a stream, except events that were added before, and returns the groups to wake.
-- KEYS[1] stream  KEYS[2] state  KEYS[3] recent events  KEYS[4] watch list
-- ARGV[1] how far the clock is ahead of Redis's, in ms  ARGV[2] most entries  ARGV[3] how long an event is recent, in ms
-- ARGV[4] how long a wake-up holds, in ms  ARGV[5] member of the watch list  ARGV[6] a new token
-- ARGV[7] number of groups, followed by the groups, followed by id and text of each event
-- Returns the groups that no earlier call has woken.
-- Keeps: an event is added once within the time; a group whose unhandled entries are trimmed has a loss.
local stream, state, recent, watchList = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local ahead, mostEntries, recentMs, wakeMs = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local member, token, groupCount = ARGV[5], ARGV[6], tonumber(ARGV[7])
${LUA_CLOCK}
${LUA_BEFORE}
${LUA_GROUPS}
redis.call('ZREMRANGEBYSCORE', recent, '-inf', text(now - recentMs))
local added = 0
for at = 8 + groupCount, #ARGV, 2 do
  local id, event = ARGV[at], ARGV[at + 1]
  if redis.call('ZADD', recent, 'NX', text(now), id) == 1 then
    redis.call('XADD', stream, '*', 'e', event)
    added = added + 1
  end
end
redis.call('PEXPIRE', recent, recentMs)
if added == 0 then return {} end

-- The emergency brake: the entries of a group that lags far behind are trimmed, and the group resumes from SQL.
if redis.call('XLEN', stream) > mostEntries then
  local unhandled = {}
  for _, group in ipairs(groupsOf(stream)) do
    local first
    if group.pending > 0 then first = redis.call('XPENDING', stream, group.name)[2]
    else
      local nextEntry = redis.call('XRANGE', stream, '(' .. group.last, '+', 'COUNT', 1)[1]
      first = nextEntry and nextEntry[1]
    end
    unhandled[group.name] = first
  end
  redis.call('XTRIM', stream, 'MAXLEN', '~', mostEntries)
  local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1][1]
  for name, id in pairs(unhandled) do
    if before(id, first) then redis.call('HSET', state, 'loss:' .. name, token) end
  end
end

if groupCount > 0 then redis.call('ZADD', watchList, text(now + wakeMs), member) end
local woken = {}
for at = 8, 7 + groupCount do
  local name = ARGV[at]
  if tonumber(redis.call('HGET', state, 'wake:' .. name) or 0) <= now then
    redis.call('HSET', state, 'wake:' .. name, text(now + wakeMs))
    woken[#woken + 1] = name
  end
end
return woken
`,
  { isReply: isListOf(isText) },
);

/** The part of a scope that publishes. */
type PublishScope = Pick<BaseScope, 'redis' | 'system' | 'log'>;

/**
 * Adds events to a tenant's stream in Redis. 1 command for each 100 events; calls of one turn share a request.
 * @returns the names of the groups to wake.
 * @throws {RedisError}
 */
async function addEvents(
  { redis, system }: { redis: RedisClient; system: PublishScope['system'] },
  tenant: string,
  name: string,
  events: readonly StoredEvent[],
): Promise<string[]> {
  const keys = streamKeys(tenant, name);
  const consumers = consumersOf(name);
  const groups = consumers.map((consumer) => consumer.name);
  const entries = consumers[0]?.stream.keep.entries ?? DEFAULT_ENTRIES;
  return publishScript.call(
    redis,
    [keys.stream, keys.state, keys.recent, watchKey],
    [
      ...[system.redisAhead?.() ?? 0, entries, RECENT_MS, WAKE_MS, memberOf(tenant, name), system.token()],
      ...[groups.length, ...groups],
      ...events.flatMap((event) => [event.id, JSON.stringify(event)]),
    ],
  );
}

/**
 * Returns the outbox handlers of events. All entries cost 1 request to Redis with 1 command for each stream and hundred
 * events; the wake-up of groups that sleep costs 1 more request to Redis and 1 to QStash.
 */
export function streamOutboxHandlers(scope: BaseScope): OutboxHandlers {
  const handler: OutboxHandler = (entries) => publishAll(scope, entries);
  return { [EVENT]: handler, [EVENT_AGAIN]: handler };
}

interface Chunk {
  tenant: string;
  name: string;
  entries: OutboxEntry[];
}

async function publishAll(scope: BaseScope, entries: readonly OutboxEntry[]): Promise<PromiseSettledResult<unknown>[]> {
  const chunks = chunksOf(entries);
  const published = await Promise.allSettled(
    chunks.map(({ tenant, name, entries: of }) =>
      addEvents(scope, tenant, name, of.map(eventOf).sort(comparePositions)),
    ),
  );
  const sleeping = chunks.flatMap(({ tenant, name }, index) => {
    const outcome = published[index];
    return outcome?.status === 'fulfilled' ? outcome.value.map((group) => ({ tenant, name, group })) : [];
  });
  await wake(scope, sleeping);
  const outcomes = new Map<string, PromiseSettledResult<unknown>>();
  for (const [index, { entries: of }] of chunks.entries()) {
    for (const { id } of of) outcomes.set(id, published[index] as PromiseSettledResult<unknown>);
  }
  return entries.map(({ id }) => outcomes.get(id) as PromiseSettledResult<unknown>);
}

function chunksOf(entries: readonly OutboxEntry[]): Chunk[] {
  const open = new Map<string, Chunk>();
  const chunks: Chunk[] = [];
  for (const entry of entries) {
    const { stream: name } = entry.payload as EventPayload;
    const member = memberOf(entry.tenant, name);
    let chunk = open.get(member);
    if (!chunk || chunk.entries.length === LARGEST_CHUNK) {
      chunk = { tenant: entry.tenant, name, entries: [] };
      open.set(member, chunk);
      chunks.push(chunk);
    }
    chunk.entries.push(entry);
  }
  return chunks;
}

function eventOf({ payload }: OutboxEntry): StoredEvent {
  return (payload as EventPayload).event;
}
