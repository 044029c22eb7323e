/** Adds the numbers of a flush to the shared counters, exactly once. One script, one command. */
import { isInteger, key, NO_TENANT, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import type { Group } from './metrics.ts';

/** The value of a gauge whose series has ended. The sums do not keep it. */
export const ENDED = '';

/** A change of one field of the hash of a group. `>` keeps the greater value, `=` replaces the value. */
export interface Change {
  op: '+' | '>' | '=';
  value: number | string;
}

/** The changes of one minute: field → change, by group. */
export type Slot = Map<Group, Map<string, Change>>;

/** The numbers of one flush, or of a part of a large flush. They never change. */
export interface Batch {
  /** The number of the batch in its isolate: 1, 2, … */
  readonly sequence: number;
  /** The time of the first attempt, in ms since the epoch. */
  readonly takenAt: number;
  /** The changes by minute since the epoch. */
  readonly slots: ReadonlyMap<number, Slot>;
  /** Whether the batch before belongs to the same flush, and must be added first. */
  readonly follows: boolean;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
const MINUTE_KEPT_MS = 2 * HOUR_MS;
const HOUR_KEPT_MS = 8 * 24 * HOUR_MS;
/** The sums expire only if the service has stopped. */
const SUMS_KEPT_MS = 365 * 24 * HOUR_MS;
const FLUSH_KEPT_MS = 24 * HOUR_MS;

const applyScript = script<number>(
  'counters.apply',
  `
-- Adds the numbers of one batch to the hashes of minutes and hours and to the sums.
-- KEYS[1] number of the last batch of the isolate  KEYS[2…] hashes
-- ARGV[1] number of this batch  ARGV[2] '1' if the batch before must be added first
-- ARGV[3…] for each group and minute: index in KEYS of the hash of the minute, of the hour and of the sums, number of
-- fields, and for each field its name and its value. The first letter of a name gives the change: '>' keeps the greater
-- value, '=' replaces the value, any other letter adds. The sums lose a field that is replaced by an empty text.
-- Returns 1 if this call added the numbers, 0 if an earlier call did, -1 if the batch before is missing.
-- Keeps: each batch of an isolate is added at most once, because its batches have ascending numbers and are added in
-- their order.
local flushed, sequence, follows = KEYS[1], ARGV[1], ARGV[2]
local last = tonumber(redis.call('GET', flushed) or '0')
if last >= tonumber(sequence) then return 0 end
if follows == '1' and last ~= sequence - 1 then return -1 end
redis.call('SET', flushed, sequence, 'PX', ${FLUSH_KEPT_MS})
local at = 3
while at <= #ARGV do
  local minute, hour, sums = KEYS[tonumber(ARGV[at])], KEYS[tonumber(ARGV[at + 1])], KEYS[tonumber(ARGV[at + 2])]
  local final = at + 3 + 2 * tonumber(ARGV[at + 3])
  for place = at + 4, final, 2 do
    local field, value = ARGV[place], ARGV[place + 1]
    local change = string.sub(field, 1, 1)
    for _, hash in ipairs({minute, hour, sums}) do
      if change == '=' and value == '${ENDED}' and hash == sums then
        redis.call('HDEL', hash, field)
      elseif change == '=' then
        redis.call('HSET', hash, field, value)
      elseif change == '>' then
        if tonumber(redis.call('HGET', hash, field) or '-1') < tonumber(value) then redis.call('HSET', hash, field, value) end
      else
        redis.call('HINCRBY', hash, field, value)
      end
    end
  end
  redis.call('PEXPIRE', minute, ${MINUTE_KEPT_MS})
  redis.call('PEXPIRE', hour, ${HOUR_KEPT_MS})
  redis.call('PEXPIRE', sums, ${SUMS_KEPT_MS})
  at = final + 1
end
return 1
`,
  { isReply: isInteger },
);

/**
 * Adds a batch, and returns whether the batch is added now; it is not while the batch before is missing. A repeated call
 * with the same batch adds nothing. 1 command.
 * @throws {RedisError} It is unknown whether Redis has added the batch.
 */
export async function applyBatch(redis: RedisClient, isolate: string, batch: Batch): Promise<boolean> {
  const { sequence, follows, slots } = batch;
  const keys = [key(NO_TENANT, 'flush', isolate)];
  const places = new Map<RedisKey, number>();
  const placeOf = (hash: RedisKey): number => {
    const place = places.get(hash) ?? keys.push(hash);
    places.set(hash, place);
    return place;
  };
  const args: (string | number)[] = [sequence, follows ? 1 : 0];
  for (const [minute, slot] of slots) {
    for (const [group, fields] of slot) {
      const at = minute * MINUTE_MS;
      args.push(placeOf(minuteKey(group, at)), placeOf(hourKey(group, at)), placeOf(sumsKey(group)), fields.size);
      for (const [field, { value }] of fields) args.push(field, typeof value === 'number' ? Math.round(value) : value);
    }
  }
  return (await applyScript.call(redis, keys, args)) >= 0;
}

/** Returns the hash of the minute of `at` (ms since the epoch). */
export function minuteKey(group: Group, at: number): RedisKey {
  return key(NO_TENANT, 'counters', group, 'minute', String(Math.floor(at / MINUTE_MS)));
}

/** Returns the hash of the hour of `at` (ms since the epoch). */
export function hourKey(group: Group, at: number): RedisKey {
  return key(NO_TENANT, 'counters', group, 'hour', String(Math.floor(at / HOUR_MS)));
}

/** Returns the hash of the sums since the first flush. */
export function sumsKey(group: Group): RedisKey {
  return key(NO_TENANT, 'counters', group, 'sums');
}
