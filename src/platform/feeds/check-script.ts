/**
 * One command for everything that a connection must know: whether its session is still valid, whether its user has too
 * many connections, who is in its rooms, and the entries of all its topics after the connection's positions.
 */
import { isInteger, isListOf, isOneOf, isText, isTuple, script } from '../redis/index.ts';
import { LUA_EPOCH, LUA_RECORD } from '../sessions/index.ts';
import { LUA_ADD_EVENT } from './lua.ts';

/**
 * Whether a connection may go on. `ended`: the session has ended. `moved`: the session has another token now, so the
 * browser must come back with its new cookie. `full`: the caller has too many connections.
 */
export const ADMISSIONS = ['ok', 'ended', 'moved', 'full'] as const;

/**
 * The state of a topic. `ok`: the entries follow the position. `tip`: the connection had no position and starts after
 * the last entry. Otherwise entries may be missing, and the connection starts after the last entry. `trimmed`: the
 * stream no longer has the entry of the position. `lost`: the stream is another one, or Redis has lost entries.
 * `behind`: too many entries follow.
 */
export const TOPIC_STATES = ['ok', 'tip', 'trimmed', 'lost', 'behind'] as const;

/** The events of one topic in one check have at most this many bytes together, so that memory is bounded: 64 KiB. */
const PAGE_BYTES = 65_536;

const isEntry = isTuple(isText, isText, isText);
const isTopicReply = isTuple(isOneOf(...TOPIC_STATES), isText, isListOf(isEntry), isInteger);

export const checkScript = script<
  [
    admission: (typeof ADMISSIONS)[number],
    topics: [
      state: (typeof TOPIC_STATES)[number],
      position: string,
      entries: [id: string, nonce: string, data: string][],
      more: number,
    ][],
    rooms: string[][],
  ]
>(
  'feed.check',
  `
-- Checks a connection, renews its places in rooms, and reads its topics.
-- KEYS[1] connections of the caller, then with a session: hash, tenant's epoch, user's epoch; then the stream of each
-- topic; then each room
-- ARGV[1] now in ms  ARGV[2] time until which the places count, in ms  ARGV[3] caller  ARGV[4] connection
-- ARGV[5] maximum number of connections, 0 for no limit  ARGV[6] name of the session's entry, or ''  ARGV[7] id of the session
-- ARGV[8] maximum number of entries in a page  ARGV[9] maximum number of missed entries
-- ARGV[10] number of entries that a stream keeps
-- ARGV[11] TTL of a stream in ms  ARGV[12] nonce for new events  ARGV[13] number of topics
-- then the position of each topic, '' for the tip; then the number of the topic of each room
-- Returns the admission, then for each topic: state, position, entries (id, nonce, data), 1 if more follow; then the
-- callers in each room.
-- Keeps: the first page begins directly after the position, or the state says that entries may be missing.
local now, untilTime, caller, connection = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
local mostConnections, entryName, entryId = tonumber(ARGV[5]), ARGV[6], ARGV[7]
local page, mostMissed, mostEntries, ttl = tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10], ARGV[11]
local nonce, topicCount = ARGV[12], tonumber(ARGV[13])
local connections, sessions, tenantEpoch, userEpoch = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local nowText = ARGV[1]
local firstStream = entryName == '' and 2 or 5
local firstRoom = firstStream + topicCount
local member = caller .. '|' .. connection
${LUA_ADD_EVENT}

${LUA_EPOCH}
local function idInRecord(record)
  local _, _, _, _, _, id = string.match(record or '', ${LUA_RECORD})
  return id
end

local function admission()
  if entryName == '' then return 'ok' end
  local found = redis.call('HMGET', sessions, entryName, entryName .. '~')
  if not found[1] then
    for _, record in ipairs(redis.call('HVALS', sessions)) do
      if idInRecord(record) == entryId then return 'moved' end
    end
    return 'ended'
  end
  local created, idle, expires, tenantAt, userAt, id = string.match(found[1], ${LUA_RECORD})
  local seen = tonumber(string.match(found[2] or '', '^%d+') or created)
  if id ~= entryId or tenantAt ~= epoch(tenantEpoch) or userAt ~= epoch(userEpoch) then return 'ended' end
  if tonumber(expires) <= now or seen + tonumber(idle) <= now then return 'ended' end
  return 'ok'
end

local function isFull()
  if mostConnections == 0 then return false end
  redis.call('ZREMRANGEBYSCORE', connections, '-inf', now)
  if not redis.call('ZSCORE', connections, member) and redis.call('ZCARD', connections) >= mostConnections then
    return true
  end
  redis.call('ZADD', connections, untilTime, member)
  redis.call('PEXPIREAT', connections, untilTime)
  return false
end

local function callerOf(place) return string.match(place, '^(.-)|') end

local function callersIn(room)
  local callers, seen = {}, {}
  for _, place in ipairs(redis.call('ZRANGE', room, 0, -1)) do
    local present = callerOf(place)
    if not seen[present] then
      seen[present] = true
      callers[#callers + 1] = present
    end
  end
  return callers, seen
end

local function announce(stream, kind, who, number)
  local data = cjson.encode({ type = 'presence.' .. kind, userId = who })
  addEvent(stream, nonce .. '-' .. number, data, mostEntries, ttl)
end

-- Removes the places whose time is over, takes a place for this connection, and publishes both on the topic.
local function enter(room, stream, number)
  local gone = redis.call('ZRANGEBYSCORE', room, '-inf', now)
  redis.call('ZREMRANGEBYSCORE', room, '-inf', now)
  local _, before = callersIn(room)
  redis.call('ZADD', room, untilTime, member)
  -- The place of another connection may count longer.
  local last = redis.call('ZREVRANGE', room, 0, 0, 'WITHSCORES')[2]
  redis.call('PEXPIREAT', room, string.format('%.0f', tonumber(last)))
  local told = {}
  for at, place in ipairs(gone) do
    local left = callerOf(place)
    if left ~= caller and not before[left] and not told[left] then
      told[left] = true
      announce(stream, 'left', left, number .. '-' .. at)
    end
  end
  local cameBack = false
  for _, place in ipairs(gone) do if callerOf(place) == caller then cameBack = true end end
  if not before[caller] and not cameBack then announce(stream, 'joined', caller, number) end
  return (callersIn(room))
end

local function tip(stream)
  local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
  if not last then return '0.' .. nowText, nil end
  return last[1] .. '.' .. last[2][2], last[1]
end

local function partsOf(id)
  local epoch, seq = string.match(id, '^(%d+)%-(%d+)$')
  return epoch, tonumber(seq)
end

local function reset(stream, why)
  local position = tip(stream)
  return { why, position, {}, 0 }
end

-- Returns the page that follows the first 'skipped' entries. 'found' has one entry more than a page, if there is one.
local function pageOf(stream, found, skipped, afterSeq, position)
  local more = #found - skipped > page and 1 or 0
  if more == 1 then
    local _, last = tip(stream)
    local _, lastSeq = partsOf(last)
    if lastSeq - afterSeq > mostMissed then return reset(stream, 'behind') end
  end
  local entries, bytes = {}, 0
  for at = skipped + 1, math.min(#found, skipped + page) do
    local data = found[at][2][4]
    bytes = bytes + #data
    if #entries > 0 and bytes > ${PAGE_BYTES} then
      more = 1
      break
    end
    entries[#entries + 1] = { found[at][1], found[at][2][2], data }
  end
  return { 'ok', position, entries, more }
end

local function read(stream, position)
  if position == '' then return { 'tip', (tip(stream)), {}, 0 } end
  local emptyAt = string.match(position, '^0%.(%d+)$')
  if emptyAt then
    local found = redis.call('XRANGE', stream, '-', '+', 'COUNT', page + 1)
    -- After the life of a stream, another stream may have come and gone.
    local isOld = now - tonumber(emptyAt) >= tonumber(ttl)
    if #found == 0 then return isOld and reset(stream, 'lost') or { 'ok', '0.' .. nowText, {}, 0 } end
    local _, seq = partsOf(found[1][1])
    if seq ~= 0 then return reset(stream, 'trimmed') end
    if isOld then return reset(stream, 'lost') end
    return pageOf(stream, found, 0, -1, position)
  end
  local id, ownNonce = string.match(position, '^(%d+%-%d+)%.(.+)$')
  local found = redis.call('XRANGE', stream, id, '+', 'COUNT', page + 2)
  local epoch, seq = partsOf(id)
  if found[1] and found[1][1] == id and found[1][2][2] == ownNonce then
    return pageOf(stream, found, 1, seq, position)
  end
  local foundEpoch = found[1] and partsOf(found[1][1])
  return reset(stream, foundEpoch == epoch and found[1][1] ~= id and 'trimmed' or 'lost')
end

local admitted = admission()
if admitted ~= 'ok' then return { admitted, {}, {} } end
if isFull() then return { 'full', {}, {} } end
local rooms = {}
for at = firstRoom, #KEYS do
  local topic = tonumber(ARGV[13 + topicCount + at - firstRoom + 1])
  local room, stream = KEYS[at], KEYS[firstStream + topic]
  rooms[#rooms + 1] = enter(room, stream, tostring(#rooms))
end
local topics = {}
for at = 1, topicCount do
  local stream, position = KEYS[firstStream + at - 1], ARGV[13 + at]
  topics[at] = read(stream, position)
end
return { 'ok', topics, rooms }
`,
  { isReply: isTuple(isOneOf(...ADMISSIONS), isListOf(isTopicReply), isListOf(isListOf(isText))) },
);
