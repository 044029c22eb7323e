/**
 * Estimates memory for an engine that does not measure memory. `MEMORY USAGE` and the memory section of `INFO` become
 * scripts that read the values and add up their bytes. So a full cache looks full here too. For each key and each
 * element, the scripts add the overhead that a small value has on Redis 7. The numbers are estimates, like Redis's own
 * numbers.
 */
import { ErrorReply } from '@redis/client';
import type { Reply } from './reply.ts';
import type { Command } from './request.ts';

/**
 * The maximum number of elements that are read of a list, sorted set or stream. The size of the other elements is
 * estimated from these. A client can choose another number: `MEMORY USAGE … SAMPLES 0` reads all elements.
 */
const SAMPLES = 100;
/**
 * The approximate number of keys that `INFO` measures, spread evenly over all keys. The total is estimated from these
 * keys.
 */
const MEASURED_KEYS = 200;

/**
 * `usage(key, samples)` returns the bytes of one key, or nil for a missing key. Redis stores a small collection in
 * one piece and a large collection as a table, whose elements cost more.
 */
const USAGE = `
local KEY_OVERHEAD, PACKED, IN_TABLE, LARGE = 50, 4, 36, 128
local function bytes(value, overhead)
  if type(value) ~= 'table' then return #tostring(value) + overhead end
  local sum = 0
  for _, part in ipairs(value) do sum = sum + bytes(part, overhead) end
  return sum
end
local function estimate(elements, read, count, hasTable)
  if read == 0 then return 0 end
  return bytes(elements, (hasTable and count > LARGE) and IN_TABLE or PACKED) * math.max(1, count / read)
end
local function usage(key, samples)
  local kind = redis.call('TYPE', key).ok
  if kind == 'none' then return nil end
  local base = KEY_OVERHEAD + #key
  if kind == 'string' then return base + redis.call('STRLEN', key) end
  local last = samples == 0 and -1 or samples - 1
  if kind == 'list' then
    local list = redis.call('LRANGE', key, 0, last)
    return base + estimate(list, #list, redis.call('LLEN', key), false)
  elseif kind == 'set' then
    local set = redis.call('SMEMBERS', key)
    return base + estimate(set, #set, #set, true)
  elseif kind == 'hash' then
    local hash = redis.call('HGETALL', key)
    return base + estimate(hash, #hash / 2, #hash / 2, true)
  elseif kind == 'zset' then
    local zset = redis.call('ZRANGE', key, 0, last, 'WITHSCORES')
    return base + estimate(zset, #zset / 2, redis.call('ZCARD', key), true)
  elseif kind == 'stream' then
    local count = redis.call('XLEN', key)
    local stream = redis.call('XRANGE', key, '-', '+', 'COUNT', samples == 0 and math.max(count, 1) or samples)
    return base + estimate(stream, #stream, count, false)
  end
  return base
end
`;

/** Returns the bytes of KEYS[1], or nil. ARGV[1] is the number of samples. */
const USAGE_SCRIPT = `${USAGE}
local total = usage(KEYS[1], tonumber(ARGV[1]))
return total and math.floor(total)`;

/** The eviction policy of the engine, which has no maximum of memory. */
const POLICY = 'maxmemory_policy:noeviction';

/**
 * Returns the engine's text for the sections in ARGV. The text has the estimated memory in use instead of the engine's
 * zeros, and its eviction policy. It omits values that only a server process can measure (resident set, peak).
 */
const INFO_SCRIPT = `${USAGE}
local info = redis.call('INFO', unpack(ARGV))
if not string.find(info, 'used_memory:', 1, true) then return info end
local keys = redis.call('KEYS', '*')
local step = math.max(1, math.floor(#keys / ${MEASURED_KEYS}))
step = step + 1 - step % 2 -- odd, because keys may have been written in pairs
local measured, total = 0, 0
for at = 1, #keys, step do
  measured = measured + 1
  total = total + (usage(keys[at], ${SAMPLES}) or 0)
end
if measured > 0 then total = math.floor(total * #keys / measured) end
local human = total .. 'B'
if total >= 1048576 then human = string.format('%.2fM', total / 1048576)
elseif total >= 1024 then human = string.format('%.2fK', total / 1024) end
info = string.gsub(info, 'used_memory:%d+', 'used_memory:' .. string.format('%d', total))
info = string.gsub(info, 'used_memory_human:[^\\r\\n]*', 'used_memory_human:' .. human .. '\\r\\n${POLICY}')
info = string.gsub(info, 'used_memory_rss:[^\\n]*\\n', '')
info = string.gsub(info, 'used_memory_peak:[^\\n]*\\n', '')
return info`;

/** Checks whether an engine measures memory: Redis does, the embedded engine does not. */
export async function measuresMemory(send: (command: Command) => Promise<Reply>): Promise<boolean> {
  const reply = await send(['MEMORY', 'USAGE', 'x']).catch(() => null);
  return !(reply instanceof ErrorReply);
}

/** Returns the script that replaces a command about memory; undefined for any other command. */
export function memoryScriptFor([name, ...args]: Command): Command | undefined {
  const words = args.map(String);
  switch (name.toUpperCase()) {
    case 'INFO':
      return ['EVAL', INFO_SCRIPT, '0', ...args];
    case 'MEMORY': {
      const [subcommand = '', , option = 'SAMPLES', samples = String(SAMPLES)] = words;
      const key = args[1];
      const isUsage = subcommand.toUpperCase() === 'USAGE' && (words.length === 2 || words.length === 4);
      if (!isUsage || key === undefined || option.toUpperCase() !== 'SAMPLES' || !/^\d+$/.test(samples))
        return undefined;
      return ['EVAL', USAGE_SCRIPT, '1', key, samples];
    }
    default:
      return undefined;
  }
}
