/** The streams of topics: their keys, and the part of Lua with which scripts of this and of other rooms add events. */
import { key, type RedisKey } from '../redis/index.ts';

/** Returns the key of a topic's stream. `to` is the id of the user or the row; `undefined` for a feed of the tenant. */
export function streamKey(tenant: string, source: string, to: string | undefined): RedisKey {
  return key(tenant, 'feed', source, ...(to === undefined ? [] : [to]));
}

/**
 * A function that adds an event to a topic's stream, and tells the listeners of the channel of the same name. The
 * message is `<id> <nonce> <nonce of the entry before, or -> <data>`. The epoch of a new stream is the time of Redis in
 * ms. `<epoch>-*` lets Redis count the second part of the id without holes. The stream is trimmed and expires, so a
 * listener that comes back too late gets a visible reset.
 */
export const LUA_ADD_EVENT = `
local function addEvent(stream, nonce, data, mostEntries, ttl)
  local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
  local epoch = last and string.match(last[1], '^%d+')
  if not epoch then
    local time = redis.call('TIME')
    epoch = time[1] .. string.format('%03d', math.floor(tonumber(time[2]) / 1000))
  end
  local id = redis.call('XADD', stream, 'MAXLEN', '~', mostEntries, epoch .. '-*', 'n', nonce, 'd', data)
  redis.call('PEXPIRE', stream, ttl)
  redis.call('PUBLISH', stream, id .. ' ' .. nonce .. ' ' .. (last and last[2][2] or '-') .. ' ' .. data)
  return id
end`;

/** A stream expires this long after its last event, in ms: 24 h. */
export const STREAM_TTL_MS = 86_400_000;

/** The shortest time between two wake-ups of a topic, in ms. */
export const WAKE_EVERY_MS = 5_000;

/** The entries that the stream of a topic of wake-ups keeps, approximately: a listener who missed more gets a reset. */
const MOST_WAKE_UPS = 100;

/**
 * Returns the key that exists while the topic has been woken less than {@link WAKE_EVERY_MS} ago. `source` is the name of
 * a feed of the tenant.
 */
export function wakeKey(tenant: string, source: string): RedisKey {
  return key(tenant, 'feedNote', '-', source);
}

/**
 * A function that adds an event to a topic of wake-ups, at most once in {@link WAKE_EVERY_MS}. Further changes in that
 * time add nothing, so a listener who reads at the event reads once more after that time. `now` is text in ms. Needs
 * {@link LUA_ADD_EVENT}.
 */
export const LUA_WAKE = `
local function wake(stream, note, now, data)
  if redis.call('SET', note, '1', 'PX', ${WAKE_EVERY_MS}, 'NX') then
    addEvent(stream, 'w' .. now, data, ${MOST_WAKE_UPS}, ${STREAM_TTL_MS})
  end
end`;

/** The approximate number of entries that a stream keeps. */
export const MOST_ENTRIES = 1_000;
