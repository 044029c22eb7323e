/** Lists a user's sessions and token families, so that the user can see and end them. */
import type { RedisClient } from '../redis/index.ts';
import { type BucketKeys, readEpochsOf } from './epochs.ts';
import { endedBy, FAMILY, lastSeenIn, readRecord } from './record.ts';

/** One line of a device list. Times are in ms since the epoch. */
export interface ListedSession {
  /** The id that `revoke` takes. */
  readonly id: string;
  /** A browser's session, or an API client's refresh tokens. */
  readonly kind: 'session' | 'family';
  readonly device: string;
  readonly role: string;
  readonly methods: readonly string[];
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** The time at which the session or family ends if no further request uses it. */
  readonly expiresAt: number;
  /** `true` if this session or family sent the request for the list. */
  readonly current: boolean;
}

/**
 * Returns a user's valid sessions and families, the last used first. 1 request: 1 command for the epochs, and 1 for
 * each bucket (each key of `AUTH_KEYS` has one bucket).
 */
export async function listEntries(
  redis: RedisClient,
  tenant: string,
  buckets: readonly BucketKeys[],
  now: number,
  currentId: string | undefined,
): Promise<ListedSession[]> {
  const [epochs, ...hashes] = await Promise.all([
    readEpochsOf(redis, tenant, buckets),
    ...buckets.map(({ sessions }) => redis.exec<string[] | null>(['HGETALL', sessions])),
  ]);
  const listed = hashes.flatMap((flat, index) => {
    const current = { tenant: epochs.tenant, user: epochs.user[index] ?? '' };
    const fields = new Map<string, string>();
    for (let at = 0; at + 1 < (flat?.length ?? 0); at += 2) fields.set(flat?.[at] ?? '', flat?.[at + 1] ?? '');
    return [...fields].flatMap(([name, text]): ListedSession[] => {
      const record = /[~=]$/.test(name) ? null : readRecord(text);
      if (!record) return [];
      const lastSeenAt = lastSeenIn(fields.get(`${name}~`), record);
      if (endedBy(record, lastSeenAt, current, now)) return [];
      const { id, createdAt, identity } = record;
      const { device, role, methods } = identity;
      const expiresAt = Math.min(record.expiresAt, lastSeenAt + record.idleMs);
      const kind = name.startsWith(FAMILY) ? 'family' : 'session';
      return [{ id, kind, device, role, methods, createdAt, lastSeenAt, expiresAt, current: id === currentId }];
    });
  });
  return listed.sort((a, b) => b.lastSeenAt - a.lastSeenAt || b.createdAt - a.createdAt);
}
