/** Takes entries of a stream for a consumer group. */
import { isEither, isInteger, isListFrom, isOneOf, isText, isTuple, type RedisClient, script } from '../redis/index.ts';
import type { System } from '../system.ts';
import { memberOf, streamKeys, watchKey } from './keys.ts';
import { LUA_CLOCK, LUA_GROUPS, LUA_LEASE } from './lua.ts';

/** A group without a take for this time counts as removed, in ms: a day. */
const REMOVED_MS = 86_400_000;

type Reply =
  | ['busy', waitMs: number]
  | ['behind', loss: string]
  | ['empty']
  | ['taken', ...entries: [id: string, text: string, deliveries: number][]];

const takeScript = script<Reply>(
  'stream.take',
  `
-- Takes entries for a group: first the entries that an earlier run has left, then new ones.
-- KEYS[1] stream  KEYS[2] state  KEYS[3] watch list
-- ARGV[1] how far the clock is ahead of Redis's, in ms  ARGV[2] group  ARGV[3] holder  ARGV[4] lease in ms
-- ARGV[5] most entries  ARGV[6] a new token  ARGV[7] 1 to keep the lease without entries
-- ARGV[8] member of the watch list  ARGV[9..] the groups of the stream in this release
-- Returns {'busy', ms until the lease ends}, {'behind', loss}, {'empty'}, or {'taken', {id, text, deliveries}…}.
-- Keeps: one holder takes; entries are taken in their order; an entry that was delivered twice comes alone; a group
-- without its entries has a loss.
local stream, state, watchList = KEYS[1], KEYS[2], KEYS[3]
local ahead, group, holder, leaseMs, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local token, keepsLease, member = ARGV[6], ARGV[7], ARGV[8]
${LUA_CLOCK}
${LUA_GROUPS}
${LUA_LEASE}
local untilMs, other = leaseOf(state, group)
if untilMs > now and other ~= holder then return {'busy', untilMs - now} end
local hasState, isKnown = redis.call('HEXISTS', state, 'seen:' .. group) == 1, false
redis.call('HSET', state, 'lease:' .. group, text(now + leaseMs) .. ' ' .. holder, 'seen:' .. group, text(now))
redis.call('HDEL', state, 'wake:' .. group)
for _, each in ipairs(groupsOf(stream)) do isKnown = isKnown or each.name == group end
if not isKnown then redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM') end
-- A lost state may have held a loss.
if not isKnown or not hasState then redis.call('HSET', state, 'loss:' .. group, token) end

local entries, first = {}, redis.call('XPENDING', stream, group, '-', '+', 1)[1]
if first then
  if first[4] >= 2 then most = 1 end
  local cursor = '0-0'
  repeat
    local claimed = redis.call('XAUTOCLAIM', stream, group, 'w', 0, cursor, 'COUNT', most - #entries)
    cursor = claimed[1]
    for _, entry in ipairs(claimed[2]) do entries[#entries + 1] = entry end
    if #claimed[3] > 0 then redis.call('HSET', state, 'loss:' .. group, token) end
  until cursor == '0-0' or #entries >= most
end
local loss = redis.call('HGET', state, 'loss:' .. group)
if loss then return {'behind', loss} end

local reply, deliveries = {'taken'}, {}
if #entries > 0 then
  for _, pending in ipairs(redis.call('XPENDING', stream, group, '-', '+', #entries)) do deliveries[pending[1]] = pending[4] end
end
for _, entry in ipairs(entries) do reply[#reply + 1] = {entry[1], entry[2][2], deliveries[entry[1]]} end
if #entries < most then
  local read = redis.call('XREADGROUP', 'GROUP', group, 'w', 'COUNT', most - #entries, 'STREAMS', stream, '>')
  for _, entry in ipairs(read and read[1][2] or {}) do reply[#reply + 1] = {entry[1], entry[2][2], 1} end
end
if #reply > 1 then return reply end

if keepsLease ~= '1' then redis.call('HDEL', state, 'lease:' .. group) end
-- The stream leaves the watch list when all its groups are there and have handled its last entry. A group of another
-- release counts for a day after its last take; after that time the group counts as removed.
local handled, last = {}, redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
for _, each in ipairs(groupsOf(stream)) do
  handled[each.name] = each.pending == 0 and (not last or each.last == last[1])
    and redis.call('HEXISTS', state, 'loss:' .. each.name) == 0
  local seen = tonumber(redis.call('HGET', state, 'seen:' .. each.name) or 0)
  if not handled[each.name] and now - seen < ${REMOVED_MS} then return {'empty'} end
end
for at = 9, #ARGV do
  local name = ARGV[at]
  if not handled[name] then return {'empty'} end
end
redis.call('ZREM', watchList, member)
return {'empty'}
`,
  {
    isReply: isEither(
      isEither(isTuple(isOneOf('busy'), isInteger), isTuple(isOneOf('behind'), isText)),
      isEither(isTuple(isOneOf('empty')), isListFrom([isOneOf('taken')], isTuple(isText, isText, isInteger))),
    ),
  },
);

/** An entry of the stream, delivered to a group. */
export interface Entry {
  /** The id in the stream. */
  id: string;
  text: string;
  /** How often the entry has been delivered, this time included. */
  deliveries: number;
}

/** The result of a take. */
export type Taken =
  /** Another run has the group, or the group waits after a failure. */
  | { kind: 'busy'; waitMs: number }
  /** Redis has lost entries of the group. The token names the loss. */
  | { kind: 'behind'; loss: string }
  | { kind: 'empty' }
  | { kind: 'taken'; entries: Entry[] };

/** The services of the scripts. */
export interface ScriptServices {
  redis: RedisClient;
  system: System;
}

/** One run of a group: the only one that may settle entries while its lease lasts. */
export interface Holder {
  tenant: string;
  /** The name of the stream. */
  name: string;
  group: string;
  /** Names this run. */
  holder: string;
  leaseMs: number;
  /** The names of all groups of the stream. */
  groups: readonly string[];
}

/**
 * Takes up to `most` entries, and renews the lease. Without entries, the lease ends unless `keepsLease`. 1 request, 1
 * command.
 * @throws {RedisError}
 */
export async function take(
  { redis, system }: ScriptServices,
  { tenant, name, group, holder, leaseMs, groups }: Holder,
  { most, keepsLease }: { most: number; keepsLease: boolean },
): Promise<Taken> {
  const keys = streamKeys(tenant, name);
  const reply = await takeScript.call(
    redis,
    [keys.stream, keys.state, watchKey],
    [
      ...[system.redisAhead?.() ?? 0, group, holder, leaseMs, most, system.token(), keepsLease ? 1 : 0],
      ...[memberOf(tenant, name), ...groups],
    ],
  );
  switch (reply[0]) {
    case 'busy':
      return { kind: 'busy', waitMs: reply[1] };
    case 'behind':
      return { kind: 'behind', loss: reply[1] };
    case 'empty':
      return { kind: 'empty' };
    default: {
      const [, ...entries] = reply;
      return { kind: 'taken', entries: entries.map(([id, text, deliveries]) => ({ id, text, deliveries })) };
    }
  }
}
