/** Lists a user's sessions and token families, so that the user can see and end them. */
import type { RedisClient } from '../redis/index.ts';
import { type BucketKeys, readEpochsOf } from './epochs.ts';
import { endedBy, FAMILY, lastSeenIn, readRecord } from './record.ts';
import type { Records } from './records.ts';

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
 * each bucket (each key of `AUTH_KEYS` has one bucket). An entry whose seal does not fit is not valid, and is left out.
 */
export async function listEntries(
  redis: RedisClient,
  tenant: string,
  buckets: readonly BucketKeys[],
  now: number,
  currentId: string | undefined,
  records: Records,
): Promise<ListedSession[]> {
  const [epochs, ...hashes] = await Promise.all([
    readEpochsOf(redis, tenant, buckets),
    ...buckets.map(({ sessions }) => redis.exec<string[] | null>(['HGETALL', sessions])),
  ]);
  const listed = hashes.flatMap((flat, index) => {
    const place = buckets[index];
    if (!place) return [];
    const current = { tenant: epochs.tenant, user: epochs.user[index] ?? '' };
    const fields = new Map<string, string>();
    for (let at = 0; at + 1 < (flat?.length ?? 0); at += 2) fields.set(flat?.[at] ?? '', flat?.[at + 1] ?? '');
    return [...fields].map(async ([name, text]): Promise<ListedSession[]> => {
      const stored = /[~=]$/.test(name) ? null : readRecord(text);
      if (!stored) return [];
      const lastSeenAt = lastSeenIn(fields.get(`${name}~`), stored);
      if (endedBy(stored, lastSeenAt, current, now)) return [];
      const record = await records.open(stored, { hash: place.sessions, name });
      if (!record) return [];
      const { id, createdAt, identity } = record;
      const { device, role, methods } = identity;
      const expiresAt = Math.min(record.expiresAt, lastSeenAt + record.idleMs);
      const kind = name.startsWith(FAMILY) ? 'family' : 'session';
      return [{ id, kind, device, role, methods, createdAt, lastSeenAt, expiresAt, current: id === currentId }];
    });
  });
  return (await Promise.all(listed)).flat().sort((a, b) => b.lastSeenAt - a.lastSeenAt || b.createdAt - a.createdAt);
}
