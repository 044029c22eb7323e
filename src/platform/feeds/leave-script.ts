/** The command that ends a connection's places in rooms. */
import { isInteger, script } from '../redis/index.ts';
import { LUA_ADD_EVENT } from './lua.ts';

export const leaveScript = script<number>(
  'feed.leave',
  `
-- Ends a connection: its places in rooms count for a short time more, so that a user who reloads a page stays present.
-- KEYS[1] connections of the caller, then for each room: room, stream of its topic
-- ARGV[1] caller  ARGV[2] connection  ARGV[3] time until which the places count, in ms
-- ARGV[4] number of entries that a stream keeps  ARGV[5] TTL of a stream in ms  ARGV[6] nonce for new events
-- ARGV[7] 1 to tell the rooms
-- Returns the number of rooms that the connection was in.
-- Keeps: the event names at most one connection of another caller, which is going to check that the caller has left. So
-- an end costs a room one check, however many listen.
local connections = KEYS[1]
local caller, connection, untilTime, mostEntries, ttl, nonce = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local tells = ARGV[7] == '1'
local member = caller .. '|' .. connection
${LUA_ADD_EVENT}
redis.call('ZREM', connections, member)
-- Returns the connection of another caller that has checked last: it is the likeliest to be there. Places that count no
-- longer than this one are ending too.
local function checkerIn(room)
  for _, place in ipairs(redis.call('ZREVRANGEBYSCORE', room, '+inf', '(' .. untilTime)) do
    local present, other = string.match(place, '^(.-)|(.*)$')
    if present ~= caller then return other end
  end
end

local left = 0
for at = 2, #KEYS, 2 do
  local room, stream = KEYS[at], KEYS[at + 1]
  if redis.call('ZSCORE', room, member) then
    left = left + 1
    redis.call('ZADD', room, untilTime, member)
    local event = { type = 'presence.leaving', userId = caller, at = tonumber(untilTime), checkedBy = checkerIn(room) }
    local data = cjson.encode(event)
    if tells then addEvent(stream, nonce .. '-' .. at, data, mostEntries, ttl) end
  end
end
return left
`,
  { isReply: isInteger },
);
