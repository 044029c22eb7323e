/**
 * Epochs end many sessions at once. Every tenant and every user has an epoch: an unguessable value, or '' at first. A
 * new session records both epochs and is valid only while both stay the same. So a new epoch ends all sessions of the
 * user, or of the tenant, in one command. Epochs are random values and not counters: a counter that Redis loses would
 * start again, and old sessions would become valid again.
 *
 * Epochs expire, which is safe. The TTL of an epoch is a week longer than the longest life of a session or refresh
 * token (90 days, `policy.ts`). Each new session or refresh token renews the TTL of the epochs that it records.
 * - An epoch that a session records outlives the session. So no session ends because an epoch expires.
 * - A session that records an older epoch, or '', began before the current epoch was set. So the session ends before
 *   the current epoch expires. When the epoch is '' again, no such session is left that could become valid again.
 * - A sign-in reads the epochs before it checks the credentials, and passes the epochs to the script that creates the
 *   session. If a revocation came in between, the epochs differ and no session is created. Use epochs soon after
 *   reading them; never keep epochs for as long as their TTL.
 *
 * A failover of Redis can lose acknowledged writes: a new epoch, and the revocation with it. So each revocation is also
 * an outbox entry, and the drain repeats the revocation; see `end-again.ts`.
 */
import { milliseconds } from '../duration.ts';
import { families, key, type RedisClient, type RedisKey } from '../redis/index.ts';
import { LONGEST_LIFE_MS } from './policy.ts';

/** How long Redis keeps an epoch after it was set or recorded by a new session, in ms. */
export const EPOCH_TTL_MS = LONGEST_LIFE_MS + milliseconds('7d');

/**
 * The epochs that a session records: the epoch of its tenant and the epoch of its user's bucket; '' if there is no
 * epoch yet.
 */
export interface RecordedEpochs {
  readonly tenant: string;
  readonly user: string;
}

/** The epochs at one moment: the epoch of the tenant, and the epoch of each of the user's buckets. */
export interface Epochs {
  readonly tenant: string;
  readonly user: readonly string[];
}

/** The Redis keys of one bucket of a user. */
export interface BucketKeys {
  readonly sessions: RedisKey;
  readonly epoch: RedisKey;
}

/** Returns the key of the tenant's epoch. */
export function tenantEpochKey(tenant: string): RedisKey {
  return key(tenant, 'epoch');
}

/** Returns the key of the epoch of the tenant to whom a key belongs. The key has the tenant in its encoded form. */
export function tenantEpochBeside(key: string): RedisKey {
  const [prefix, tenant] = key.split(':', 2);
  return `${prefix}:${tenant}:${families.epoch.code}` as RedisKey;
}

/** Returns the keys of a bucket's sessions and of its epoch. */
export function bucketKeys(tenant: string, bucket: string): BucketKeys {
  return { sessions: key(tenant, 'sessions', bucket), epoch: key(tenant, 'epoch', bucket) };
}

/** Returns a pattern that matches the keys of all sessions of a tenant. Names of tenants contain no wildcards. */
export function tenantSessionsPattern(tenant: string): string {
  return `${key(tenant, 'sessions')}:*`;
}

/** Reads the epoch of a tenant and the epochs of some buckets. 1 command. */
export async function readEpochsOf(
  redis: RedisClient,
  tenant: string,
  buckets: readonly BucketKeys[],
): Promise<Epochs> {
  const keys = [tenantEpochKey(tenant), ...buckets.map(({ epoch }) => epoch)];
  const [tenantEpoch, ...user] = (await redis.mget<(string | null)[]>(...keys)).map((epoch) => epoch ?? '');
  return { tenant: tenantEpoch ?? '', user };
}

/** A Lua function that returns the epoch of a key, or '' if there is no epoch yet. */
export const LUA_EPOCH = "local function epoch(key) return redis.call('GET', key) or '' end";
