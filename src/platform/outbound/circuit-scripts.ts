/**
 * The shared state of a circuit: one hash, changed by two scripts, in Redis's own time.
 *
 *     failures  times of the last failures, separated by blanks        (closed)
 *     open      time until which no caller may call                    (open; half-open after this time)
 *     probe     token of the only caller that may probe                (half-open)
 *     lease     end of the probing caller's lease                      (half-open)
 *     closed    time at which the circuit was last closed
 */
import { isInteger, isOneOf, isTuple, script } from '../redis/index.ts';

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

export const enterScript = script<['closed' | 'open' | 'probing' | 'probe', number]>(
  'circuit.enter',
  `
-- Returns whether the caller may call.
-- KEYS[1] circuit  ARGV[1] token of the caller  ARGV[2] life of a probe's lease in ms
-- Returns {'closed', 0}, {'open', ms until a probe is allowed}, {'probing', ms until the probe's lease ends} or
-- {'probe', life of the lease} if the caller must probe.
-- Keeps: one probe at a time, while its lease lasts.
local circuit, token, leaseMs = KEYS[1], ARGV[1], ARGV[2]
${NOW}
local state = redis.call('HMGET', circuit, 'open', 'probe', 'lease')
if not state[1] then return {'closed', 0} end
if now < tonumber(state[1]) then return {'open', state[1] - now} end
local lease = tonumber(state[3] or '0')
if now < lease and state[2] ~= token then return {'probing', lease - now} end
redis.call('HSET', circuit, 'probe', token, 'lease', string.format('%.0f', now + leaseMs))
return {'probe', tonumber(leaseMs)}
`,
  { isReply: isTuple(isOneOf('closed', 'open', 'probing', 'probe'), isInteger) },
);

export const reportScript = script<['closed' | 'open', number, changed: 0 | 1]>(
  'circuit.report',
  `
-- Reports the failure of a call, or the outcome of a probe.
-- KEYS[1] circuit  ARGV[1] token of the probe, or '' for an ordinary call  ARGV[2] 'ok' or 'failed'
-- ARGV[3] number of failures that opens the circuit  ARGV[4] ms within which these failures must happen
-- ARGV[5] ms for which the circuit stays open  ARGV[6] duration of the call in ms  ARGV[7] TTL in ms
-- Returns {'closed', 0, changed} or {'open', ms until a probe is allowed, changed}.
-- Keeps: only the current probe closes the circuit or opens it again. A failure does not count if its call began before
-- the circuit was closed, or if it is older than the window.
local circuit, token, outcome, most, windowMs, openMs = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local tookMs, ttl = ARGV[6], ARGV[7]
${NOW}
local state = redis.call('HMGET', circuit, 'open', 'probe', 'failures', 'closed')
local function set(...)
  redis.call('HSET', circuit, ...)
  redis.call('PEXPIRE', circuit, ttl)
end
local function openIt()
  redis.call('HDEL', circuit, 'failures', 'probe', 'lease')
  set('open', string.format('%.0f', now + openMs))
  return {'open', tonumber(openMs), 1}
end
if token ~= '' and token == state[2] then
  if outcome ~= 'ok' then return openIt() end
  redis.call('HDEL', circuit, 'open', 'probe', 'lease', 'failures')
  set('closed', string.format('%.0f', now))
  return {'closed', 0, 1}
end
if state[1] then return {'open', math.max(state[1] - now, 0), 0} end
if token ~= '' or now - tookMs < tonumber(state[4] or '0') then return {'closed', 0, 0} end
local recent = {string.format('%.0f', now)}
for at in string.gmatch(state[3] or '', '%d+') do
  if now - at < tonumber(windowMs) then recent[#recent + 1] = at end
end
if #recent >= tonumber(most) then return openIt() end
set('failures', table.concat(recent, ' '))
return {'closed', 0, 0}
`,
  { isReply: isTuple(isOneOf('closed', 'open'), isInteger, isOneOf(0, 1)) },
);
