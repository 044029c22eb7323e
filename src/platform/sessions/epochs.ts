/**
 * Epochs end many sessions at once. Every tenant and every user has an epoch: an unguessable value, or '' at first. A
 * session records both when it is made and is valid only while both are the same; so a new epoch ends all sessions of
 * the user, or of the tenant, in one command, for any number of sessions. Epochs are values and not counters: a counter
 * that is lost starts again and makes old sessions valid again.
 *
 * Epochs expire, and this is why that is sound. An epoch is set with a TTL longer than any session or refresh token can
 * live (90 days, `policy.ts`), and making one renews the TTL of the epochs it wrote down.
 * - The epoch a session wrote down outlives the session. It does not end one by being forgotten.
 * - A session with another epoch, or none (''), is older than the epoch that replaced it; its deadline comes before
 *   that epoch's end. When '' is the answer again, nothing is left that '' could bring back. The difference of both
 *   times, a week, is the room for clocks that disagree.
 * - A sign-in reads the epochs before it checks credentials and hands them to the script that makes the session. If a
 *   revocation came in between, they differ and no session is made. Epochs read must be used soon: never keep them for
 *   as long as they live.
 * A Redis that loses acknowledged writes (a failover) can also lose a new epoch, and with it the revocation. So each
 * revocation is also an outbox entry, and the drain repeats it; see `end-again.ts`.
 */
import { milliseconds } from '../duration.ts';
import { key, type RedisClient, type RedisKey } from '../redis/index.ts';
import { LONGEST_LIFE_MS } from './policy.ts';

/** How long an epoch is kept after the last time it was set or written down. */
export const EPOCH_TTL_MS = LONGEST_LIFE_MS + milliseconds('7d');

/** The epochs that a session records: those of its tenant and of its user's bucket; '' for none yet. */
export interface RecordedEpochs {
  readonly tenant: string;
  readonly user: string;
}

/** The epochs at one moment: of the tenant, and of the user, one for each bucket. */
export interface Epochs {
  readonly tenant: string;
  readonly user: readonly string[];
}

/** Where one bucket of a user is. */
export interface BucketKeys {
  readonly sessions: RedisKey;
  readonly epoch: RedisKey;
}

/** The tenant's epoch. */
export function tenantEpochKey(tenant: string): RedisKey {
  return key(tenant, 'epoch');
}

/** The sessions of a bucket and its epoch. */
export function bucketKeys(tenant: string, bucket: string): BucketKeys {
  return { sessions: key(tenant, 'sessions', bucket), epoch: key(tenant, 'epoch', bucket) };
}

/** Matches the keys of all sessions of a tenant, whose name has no wildcard in it. */
export function tenantSessionsPattern(tenant: string): string {
  return `${key(tenant, 'sessions')}:*`;
}

/** Reads the tenant's epoch and those of some buckets. 1 command. */
export async function readEpochsOf(
  redis: RedisClient,
  tenant: string,
  buckets: readonly BucketKeys[],
): Promise<Epochs> {
  const keys = [tenantEpochKey(tenant), ...buckets.map(({ epoch }) => epoch)];
  const [tenantEpoch, ...user] = (await redis.mget<(string | null)[]>(...keys)).map((epoch) => epoch ?? '');
  return { tenant: tenantEpoch ?? '', user };
}

/** Lua: the epoch of a key, '' for none yet. */
export const LUA_EPOCH = "local function epoch(key) return redis.call('GET', key) or '' end";
