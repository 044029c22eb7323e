/** Settles entries of a consumer group: acknowledges, renews or ends the lease, and trims the stream. */
import { isOneOf, script } from '../redis/index.ts';
import { streamKeys } from './keys.ts';
import { LUA_BEFORE, LUA_CLOCK, LUA_GROUPS, LUA_LEASE } from './lua.ts';
import type { Holder, ScriptServices } from './take.ts';

const settleScript = script<'settled' | 'lost'>(
  'stream.settle',
  `
-- Acknowledges entries, if the holder still has the lease, and trims the entries that all groups have handled.
-- KEYS[1] stream  KEYS[2] state
-- ARGV[1] how far the clock is ahead of Redis's, in ms  ARGV[2] group  ARGV[3] holder  ARGV[4] the holder of the lease
-- from now on, '' to end the lease  ARGV[5] lease in ms  ARGV[6] after how many ms a group is idle  ARGV[7] a new token
-- ARGV[8] number of handled entries, followed by their ids, followed by the ids of entries that were not tried
-- Returns 'settled', or 'lost' if the lease is another's.
-- Keeps: no entry is trimmed before every group that is not idle has acknowledged the entry; the delivery of an entry
-- that was not tried does not count.
local stream, state = KEYS[1], KEYS[2]
local ahead, group, holder, nextHolder, leaseMs = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local idleMs, token, handled = ARGV[6], ARGV[7], tonumber(ARGV[8])
${LUA_CLOCK}
${LUA_BEFORE}
${LUA_GROUPS}
${LUA_LEASE}
local untilMs, other = leaseOf(state, group)
if other ~= holder then return 'lost' end
for at = 9, 8 + handled do
  local id = ARGV[at]
  redis.call('XACK', stream, group, id)
end
for at = 9 + handled, #ARGV do
  local id = ARGV[at]
  redis.call('XCLAIM', stream, group, 'w', 0, id, 'RETRYCOUNT', 0, 'JUSTID')
end
if nextHolder == '' then redis.call('HDEL', state, 'lease:' .. group)
else redis.call('HSET', state, 'lease:' .. group, text(now + leaseMs) .. ' ' .. nextHolder) end

local low
for _, each in ipairs(groupsOf(stream)) do
  local seen = tonumber(redis.call('HGET', state, 'seen:' .. each.name) or 0)
  if now - seen > tonumber(idleMs) then
    redis.call('XGROUP', 'DESTROY', stream, each.name)
    redis.call('HSET', state, 'loss:' .. each.name, token)
  else
    local first = each.pending > 0 and redis.call('XPENDING', stream, each.name)[2] or each.last
    if not low or before(first, low) then low = first end
  end
end
if low then redis.call('XTRIM', stream, 'MINID', low) end
return 'settled'
`,
  { allowOom: true, isReply: isOneOf('settled', 'lost') },
);

/** The settlement of a batch. */
export interface Settlement {
  /** The ids of entries that are handled or dead. */
  handled: readonly string[];
  /** The ids of entries that were taken but not tried. */
  untried: readonly string[];
  /**
   * The time until another run may take entries, in ms, after a failure. 0 ends the lease at once. Default: this run
   * goes on and keeps the lease.
   */
  pauseMs?: number;
}

/**
 * Settles a batch. 1 request, 1 command.
 * @param idleMs for a group that has taken nothing for this time, no entries are kept.
 * @returns `lost` if another run has the group: nothing was acknowledged.
 * @throws {RedisError}
 */
export async function settle(
  { redis, system }: ScriptServices,
  { tenant, name, group, holder, leaseMs }: Holder,
  idleMs: number,
  { handled, untried, pauseMs }: Settlement,
): Promise<'settled' | 'lost'> {
  const { stream, state } = streamKeys(tenant, name);
  const next = pauseMs === undefined ? holder : pauseMs > 0 ? '-' : '';
  return settleScript.call(
    redis,
    [stream, state],
    [
      ...[system.redisAhead?.() ?? 0, group, holder, next, pauseMs ?? leaseMs, idleMs, system.token()],
      ...[handled.length, ...handled, ...untried],
    ],
  );
}

const resumeScript = script<0 | 1>(
  'stream.resume',
  `
-- A group has caught up from SQL after a loss.
-- KEYS[1] state  ARGV[1] group  ARGV[2] loss
-- Returns 1, or 0 if there is another loss by now.
local state, group, loss = KEYS[1], ARGV[1], ARGV[2]
if redis.call('HGET', state, 'loss:' .. group) ~= loss then return 0 end
return redis.call('HDEL', state, 'loss:' .. group)
`,
  { allowOom: true, isReply: isOneOf(0, 1) },
);

/** Ends a loss, unless Redis has lost entries again. 1 request, 1 command. */
export async function endLoss({ redis }: ScriptServices, { tenant, name, group }: Holder, loss: string): Promise<void> {
  await resumeScript.call(redis, [streamKeys(tenant, name).state], [group, loss]);
}
