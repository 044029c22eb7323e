/**
 * The commands of the holder of a lease: fill, renew and release. Each takes any number of entries, and costs one
 * request and one command. A caller that lost its lease changes nothing.
 */
import { isInteger, isListOf, isOneOf, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { LEASE_MS } from './lease.ts';
import { formatLoadEnd, type LoadEnd } from './load-end.ts';
import { PRESSURE } from './pressure.ts';
import type { EntryKeys } from './query.ts';

/**
 * How long waiting callers can learn of the end of a load without an entry, in ms: several of their pauses. A caller
 * that asks later loads the value itself.
 */
const ENDED_MS = 2_000;

const isFlags = isListOf(isOneOf(0, 1));
const isStored = (reply: unknown, keys: readonly RedisKey[]): reply is (0 | 1)[] =>
  isFlags(reply) && reply.length === (keys.length - 1) / 2;

const fillScript = script<number[]>(
  'lease.fill',
  `
-- Stores n entries and deletes their leases, where the caller still holds the lease.
-- KEYS[1..n] leases  KEYS[n+1..2n] entries  KEYS[2n+1] percentage of lives, see pressure.ts
-- ARGV[3i-2] text of lease i when it was taken  ARGV[3i-1] entry i  ARGV[3i] TTL of entry i in ms
-- Returns, for each entry, 1 if it was stored and 0 if not.
-- Keeps: a caller that lost its lease changes nothing. The script stores an entry before it deletes the lease, because
-- a full Redis refuses only the first write of a script.
local n = (#KEYS - 1) / 2
local lives = redis.call('GET', KEYS[#KEYS]) or 100
local stored = {}
for i = 1, n do
  local leaseKey, entryKey = KEYS[i], KEYS[n + i]
  local lease, entry, ttl = ARGV[3 * i - 2], ARGV[3 * i - 1], ARGV[3 * i]
  stored[i] = 0
  if redis.call('GET', leaseKey) == lease then
    redis.call('SET', entryKey, entry, 'PX', string.format('%.0f', math.max(1, ttl * lives / 100)))
    redis.call('DEL', leaseKey)
    stored[i] = 1
  end
end
return stored
`,
  { isReply: isStored },
);

const renewScript = script<number>(
  'lease.renew',
  `
-- Gives leases a new life, where the caller still holds the lease.
-- KEYS[1..n] leases  ARGV[1] life of a lease in ms  ARGV[1+i] text of lease i when it was taken
-- Returns the number of leases that the caller holds.
local leaseMs = ARGV[1]
local held = 0
for i, key in ipairs(KEYS) do
  local lease = ARGV[1 + i]
  if redis.call('GET', key) == lease then held = held + redis.call('PEXPIRE', key, leaseMs) end
end
return held
`,
  { allowOom: true, isReply: isInteger },
);

const releaseScript = script<number>(
  'lease.release',
  `
-- Releases leases without filling, where the caller still holds the lease.
-- KEYS[1..n] leases  ARGV[1] token of the caller  ARGV[2] life of an end, in ms
-- ARGV[2+i] the end of the load with lease i, for callers that wait for it, or '' for none
-- Returns the number of released leases.
local token, endedMs = ARGV[1], ARGV[2]
local held = 0
for i, lease in ipairs(KEYS) do
  local ended = ARGV[2 + i]
  if string.find(redis.call('GET', lease) or '', token .. '@', 1, true) == 1 then
    if ended == '' then redis.call('DEL', lease) else redis.call('SET', lease, '!' .. ended, 'PX', endedMs) end
    held = held + 1
  end
end
return held
`,
  { allowOom: true, isReply: isInteger },
);

/** An entry to store. */
export interface Fill {
  keys: EntryKeys;
  /** The text of the lease, as `acquireLeases` returned it. */
  lease: string;
  stored: string;
  ttlMs: number;
}

/** Stores the entries whose leases are still held. Returns for each whether it was stored. */
export async function fillEntries(redis: RedisClient, fills: readonly Fill[]): Promise<boolean[]> {
  const keys = [...fills.map((fill) => fill.keys.lease), ...fills.map((fill) => fill.keys.entry), PRESSURE];
  const args = fills.flatMap(({ lease, stored, ttlMs }) => [lease, stored, Math.max(1, Math.round(ttlMs))]);
  const stored = await fillScript.call(redis, keys, args);
  return stored.map((one) => one === 1);
}

/** A lease that the caller holds. */
export interface Held {
  key: RedisKey;
  /** The text of the lease, as `acquireLeases` returned it. */
  lease: string;
}

/** Gives leases a new life. Returns the number of leases that the caller still holds. */
export async function renewLeases(redis: RedisClient, held: readonly Held[]): Promise<number> {
  const keys = held.map(({ key }) => key);
  return renewScript.call(redis, keys, [LEASE_MS, ...held.map(({ lease }) => lease)]);
}

/** A lease to release. */
export interface Release {
  key: RedisKey;
  /** How the load ended, with the versions that were read before it; for the callers that wait. Default: no answer. */
  ended?: { end: LoadEnd; versions: readonly string[] };
}

/** Releases leases that the caller still holds, such as after a failed load. */
export async function releaseLeases(redis: RedisClient, releases: readonly Release[], token: string): Promise<void> {
  const ends = releases.map(({ ended }) => (ended ? formatLoadEnd(ended.end, ended.versions) : ''));
  await releaseScript.call(
    redis,
    releases.map(({ key }) => key),
    [token, ENDED_MS, ...ends],
  );
}
