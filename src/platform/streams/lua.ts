/**
 * The common parts of this room's scripts. The hash of a stream's state has for each group:
 *
 *     lease:<group>  `<until> <holder>`: only the holder takes and settles entries
 *     wake:<group>   until when no second job is enqueued for the group, in ms
 *     loss:<group>   a token: Redis has lost entries of the group, so it resumes from SQL
 *     seen:<group>   the last take, in ms
 */

/** `ahead` is ARGV[1]: how far the clock is ahead of Redis's, in ms. */
export const LUA_CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ahead
local function text(number) return string.format('%.0f', number) end`;

/** Compares two ids of entries as (length, text) of both parts: a number of Lua is exact only up to 2^53. */
export const LUA_BEFORE = `
local function before(one, two)
  local oneMs, oneSeq = string.match(one, '^(%d+)-(%d+)$')
  local twoMs, twoSeq = string.match(two, '^(%d+)-(%d+)$')
  if oneMs ~= twoMs then return #oneMs < #twoMs or (#oneMs == #twoMs and oneMs < twoMs) end
  return #oneSeq < #twoSeq or (#oneSeq == #twoSeq and oneSeq < twoSeq)
end`;

/** Returns the groups of a stream: name, number of pending entries, id of the last delivered entry. */
export const LUA_GROUPS = `
local function groupsOf(stream)
  local groups = {}
  if redis.call('EXISTS', stream) == 0 then return groups end
  for _, flat in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local group = {}
    for at = 1, #flat, 2 do group[flat[at]] = flat[at + 1] end
    groups[#groups + 1] = {name = group['name'], pending = tonumber(group['pending']), last = group['last-delivered-id']}
  end
  return groups
end`;

/** Returns the time until which a group is leased, and its holder. */
export const LUA_LEASE = `
local function leaseOf(state, group)
  local untilMs, holder = string.match(redis.call('HGET', state, 'lease:' .. group) or '', '^(%d+) (.*)$')
  return tonumber(untilMs or 0), holder or ''
end`;
