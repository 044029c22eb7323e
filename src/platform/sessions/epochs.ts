/**
 * Epochs end many sessions at once. Every tenant and every user has an epoch: an unguessable value, or '' at first. A
 * new session records both epochs and is valid only while both stay the same. So a new epoch ends all sessions of the
 * user, or of the tenant, in one command, for any number of sessions. Epochs are random values and not counters: a
 * lost counter would start again and make old sessions valid again.
 *
 * Epochs expire, which is safe. The TTL of an epoch is longer than the life of any session or refresh token (90 days,
 * `policy.ts`), and each new session or refresh token renews the TTL of the epochs that it records.
 * - A recorded epoch outlives the session, so no session ends because Redis forgets an epoch.
 * - A session with an older epoch, or with '', began before the current epoch was set, so the session's deadline
 *   comes before the current epoch expires. When the epoch is '' again, no session is left that '' could make valid.
 *   The TTL is a week longer than the longest life, to allow for clocks that disagree.
 * - A sign-in reads the epochs before the credentials are checked, and passes the epochs to the script that creates
 *   the session. If a revocation came in between, the epochs differ and no session is created. Use epochs soon after
 *   reading them; never keep epochs for as long as their TTL.
 * A Redis that loses acknowledged writes (a failover) can also lose a new epoch, and the revocation with it. So each
 * revocation is also an outbox entry, and the drain repeats the revocation; see `end-again.ts`.
 */
import { milliseconds } from '../duration.ts';
import { key, type RedisClient, type RedisKey } from '../redis/index.ts';
import { LONGEST_LIFE_MS } from './policy.ts';

/** How long Redis keeps an epoch after it was set or recorded by a new session, in ms. */
export const EPOCH_TTL_MS = LONGEST_LIFE_MS + milliseconds('7d');

/** The epochs that a session records: of its tenant and of its user's bucket; '' for none yet. */
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

/** A Lua function that returns the epoch of a key, '' for none yet. */
export const LUA_EPOCH = "local function epoch(key) return redis.call('GET', key) or '' end";
