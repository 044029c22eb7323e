/**
 * Refunds quota: a refused request, or a request with false credentials, gets back the units that it consumed. The
 * script also returns the counts after the refund. These counts show when a refused request would pass.
 */
import { isListForKeys, isText, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { type Charge, keysOf } from './consume.ts';

/** The counts of a rule for one subject. */
export type Standing =
  | { kind: 'chunks'; current: number; previous: number }
  | { kind: 'bucket'; tokens: number; refilledAt: number };

const refundScript = script<string[]>(
  'limit.refund',
  `
-- Refunds units, and returns the counts after the refund.
-- KEYS[i] a count or a bucket
-- ARGV[2i-1] units to refund, or 0  ARGV[2i] capacity of the bucket, or 0 for a count
-- Returns, for each key, 'count' or 'tokens refilledAt', or '' if the bucket does not exist.
-- Keeps: no count falls below zero; no bucket holds more than its capacity; a count that has expired is not created
-- again.
local standings = {}
for i, key in ipairs(KEYS) do
  local give, capacity = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  if capacity == 0 then
    local count = tonumber(redis.call('GET', key) or '0')
    give = math.min(give, count)
    if give > 0 then count = redis.call('DECRBY', key, string.format('%.0f', give)) end
    standings[i] = string.format('%.0f', count)
  else
    local bucket = redis.call('HMGET', key, 'tokens', 'refilledAt')
    if bucket[1] then
      local tokens = string.format('%.0f', math.min(tonumber(bucket[1]) + give, capacity))
      if give > 0 then redis.call('HSET', key, 'tokens', tokens) end
      standings[i] = tokens .. ' ' .. bucket[2]
    else
      standings[i] = ''
    end
  end
end
return standings
`,
  { isReply: isListForKeys(isText) },
);

/** A charge for `refundCharges`. `giveBack` says whether the cost is refunded. */
export interface Refund {
  readonly charge: Charge;
  readonly giveBack: boolean;
}

/**
 * Refunds charges and reads their counts. 1 request, 1 command for any number of charges; 0 without charges.
 * @returns the counts of each charge after the refund
 * @throws {RedisError} if Redis did not answer or refused; then the units may or may not have been refunded
 */
export async function refundCharges(redis: RedisClient, refunds: readonly Refund[]): Promise<Map<Charge, Standing>> {
  if (refunds.length === 0) return new Map();
  const keys: RedisKey[] = [];
  const args: number[] = [];
  for (const { charge, giveBack } of refunds) {
    const { window } = charge.rule;
    for (const [index, each] of keysOf(charge).entries()) {
      keys.push(each);
      args.push(giveBack && index === 0 ? charge.cost : 0, window.kind === 'bucket' ? window.limit : 0);
    }
  }
  const standings = await refundScript.call(redis, keys, args);
  const rest = [...standings];
  return new Map(
    refunds.map(({ charge }) => {
      const [current = '', previous = '0'] = rest.splice(0, keysOf(charge).length);
      return [charge, standingOf(charge, current, previous)];
    }),
  );
}

function standingOf({ rule: { window }, now }: Charge, current: string, previous: string): Standing {
  if (window.kind !== 'bucket') return { kind: 'chunks', current: Number(current), previous: Number(previous) };
  const [tokens = window.limit, refilledAt = now] = current === '' ? [] : current.split(' ').map(Number);
  return { kind: 'bucket', tokens, refilledAt };
}
