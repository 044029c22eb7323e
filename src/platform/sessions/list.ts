/** A user's sessions and token families, for the user to see and to end. */
import type { RedisClient } from '../redis/index.ts';
import { type BucketKeys, readEpochsOf } from './epochs.ts';
import { endedBy, FAMILY, lastSeenIn, readRecord } from './record.ts';

/** One line of a device list. Times in ms since the epoch. */
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
  /** When the session or family ends if no request uses it any more. */
  readonly expiresAt: number;
  /** Whether this session or family sent the request for the list. */
  readonly current: boolean;
}

/**
 * A user's valid sessions and families, last seen first. 1 request; 1 command for the epochs and 1 for each bucket
 * (one, or one for each key of the ring).
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
