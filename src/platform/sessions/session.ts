/** The session that handlers get, and its conversion from and to a record. */

import type { RecordedEpochs } from './epochs.ts';
import type { EntryRecord, Identity } from './record.ts';
import type { PresentedSession } from './token.ts';

/** A signed-in user. Times are in ms since the epoch. */
export interface Session extends Identity {
  readonly tenant: string;
  /**
   * The id of the session for its whole life. Lists show this id, and `revoke` takes it. The id is not a credential.
   */
  readonly id: string;
  readonly createdAt: number;
  /** The stored time of the last use. Redis stores a new time at most once per `touch` of the policy. */
  readonly lastSeenAt: number;
  /** The time without use after which the session ends, in ms. */
  readonly idleMs: number;
  /** The session ends at this time, even if it is in use. A rotation does not change the time. */
  readonly expiresAt: number;
  /** The data stored with the session; `undefined` if there is no data. */
  readonly data: unknown;
  /** The bucket and the sid tell where Redis stores the session. Every rotation changes the sid. */
  readonly bucket: string;
  readonly sid: string;
  readonly epochs: RecordedEpochs;
}

/** Makes a session from its record. */
export function sessionOf(
  { tenant, bucket, sid }: Pick<PresentedSession, 'tenant' | 'bucket' | 'sid'>,
  record: EntryRecord,
  lastSeenAt: number,
  data: unknown,
): Session {
  const { identity, id, createdAt, idleMs, expiresAt, epochs } = record;
  return { ...identity, tenant, id, createdAt, lastSeenAt, idleMs, expiresAt, data, bucket, sid, epochs };
}

/** Returns the record of a session, with the given digest of a secret. */
export function recordOf(session: Session, digest: string): EntryRecord {
  const { userId, role, authenticatedAt, methods, factorAt, device, id, createdAt, idleMs, expiresAt, epochs } =
    session;
  const identity = { userId, role, authenticatedAt, methods, factorAt, device };
  return { id, createdAt, idleMs, expiresAt, epochs, identity, digest };
}
