/** The place of a session or a token family in Redis, for rooms that check it with other lookups in one script. */
import type { RedisKey } from '../redis/index.ts';
import type { AccessGrant } from './access-token.ts';
import { bucketKeys, tenantEpochKey } from './epochs.ts';
import { FAMILY } from './record.ts';
import type { Session } from './session.ts';

/** The place of an entry: see `record.ts` for the fields. */
export interface EntryPlace {
  readonly bucket: string;
  /** The name of the entry's record in the hash. A rotation of a session changes the name. */
  readonly name: string;
  /** The id of the session or family for its whole life. */
  readonly id: string;
  /** When the credentials expire, in ms since the epoch. */
  readonly expiresAt: number;
}

/** Returns the place of the session or the token family that authenticates a caller; `null` for an API key. */
export function placeOf({ session, grant }: { session: Session | null; grant: AccessGrant | null }): EntryPlace | null {
  if (session) return { bucket: session.bucket, name: session.sid, id: session.id, expiresAt: session.expiresAt };
  if (!grant) return null;
  return { bucket: grant.bucket, name: `${FAMILY}${grant.id}`, id: grant.id, expiresAt: grant.expiresAt };
}

/** Returns the keys of an entry: the hash, the tenant's epoch, the user's epoch. */
export function entryKeys(tenant: string, { bucket }: EntryPlace): [RedisKey, RedisKey, RedisKey] {
  const { sessions, epoch } = bucketKeys(tenant, bucket);
  return [sessions, tenantEpochKey(tenant), epoch];
}
