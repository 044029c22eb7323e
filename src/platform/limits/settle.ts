/**
 * What is owed after a verdict: a request that was refused, or whose caller was not who they claimed to be, gives back
 * what it took; and whoever was refused is told, from the counts as they now stand, when to come back.
 */
import { isListForKeys, isText, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { type Claim, keysOf } from './take.ts';

/** How a rule stands for a subject. */
export type Standing =
  | { kind: 'chunks'; current: number; previous: number }
  | { kind: 'bucket'; tokens: number; refilledAt: number };

const settleScript = script<string[]>(
  'limit.settle',
  `
-- Gives back what was taken, and says what is counted now.
-- KEYS[i] a count or a bucket  ARGV[2i-1] what to give back to it, or 0  ARGV[2i] the bucket's capacity; 0 for a count
-- Returns for each key 'count', or 'tokens refilledAt', or '' if there is no such bucket.
-- Keeps: no count falls below zero, no bucket holds more than its capacity, nothing that has ended is revived.
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

/** A claim to settle, and whether its cost is given back. */
export interface Settlement {
  readonly claim: Claim;
  readonly giveBack: boolean;
}

/**
 * Settles claims. 1 request, 1 command, however many; none for none.
 * @returns how each stands afterwards
 * @throws {RedisError} it is not known whether anything was given back
 */
export async function settle(redis: RedisClient, settlements: readonly Settlement[]): Promise<Map<Claim, Standing>> {
  if (settlements.length === 0) return new Map();
  const keys: RedisKey[] = [];
  const args: number[] = [];
  for (const { claim, giveBack } of settlements) {
    const { window } = claim.rule;
    for (const [index, each] of keysOf(claim).entries()) {
      keys.push(each);
      args.push(giveBack && index === 0 ? claim.cost : 0, window.kind === 'bucket' ? window.limit : 0);
    }
  }
  const standings = await settleScript.run(redis, keys, args);
  const rest = [...standings];
  return new Map(
    settlements.map(({ claim }) => {
      const [current = '', previous = '0'] = rest.splice(0, keysOf(claim).length);
      return [claim, standingOf(claim, current, previous)];
    }),
  );
}

function standingOf({ rule: { window }, now }: Claim, current: string, previous: string): Standing {
  if (window.kind !== 'bucket') return { kind: 'chunks', current: Number(current), previous: Number(previous) };
  const [tokens = window.limit, refilledAt = now] = current === '' ? [] : current.split(' ').map(Number);
  return { kind: 'bucket', tokens, refilledAt };
}
