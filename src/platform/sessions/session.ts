/** A session, as handlers see it and as it is made from a record. */

import type { RecordedEpochs } from './epochs.ts';
import type { EntryRecord, Identity } from './record.ts';
import type { PresentedSession } from './token.ts';

/** A signed-in user. Times in ms since the epoch. */
export interface Session extends Identity {
  readonly tenant: string;
  /** Names the session for its whole life: what lists show and `revoke` takes. Opens nothing. */
  readonly id: string;
  readonly createdAt: number;
  /** When it was last seen, as written down: at most once per `touch` of the policy. */
  readonly lastSeenAt: number;
  /** Ends that long after it was last seen, in ms. */
  readonly idleMs: number;
  /** The session ends then, even if it is in use. Rotation does not move it. */
  readonly expiresAt: number;
  /** The data stored with the session; `undefined` for none. */
  readonly data: unknown;
  /** Where it is kept. Changes with every rotation. */
  readonly bucket: string;
  readonly sid: string;
  readonly epochs: RecordedEpochs;
}

/** The session of a record. */
export function sessionOf(
  { tenant, bucket, sid }: Pick<PresentedSession, 'tenant' | 'bucket' | 'sid'>,
  record: EntryRecord,
  lastSeenAt: number,
  data: unknown,
): Session {
  const { identity, id, createdAt, idleMs, expiresAt, epochs } = record;
  return { ...identity, tenant, id, createdAt, lastSeenAt, idleMs, expiresAt, data, bucket, sid, epochs };
}

/** The record of a session, with another secret. */
export function recordOf(session: Session, digest: string): EntryRecord {
  const { userId, role, authenticatedAt, methods, device, id, createdAt, idleMs, expiresAt, epochs } = session;
  const identity = { userId, role, authenticatedAt, methods, device };
  return { id, createdAt, idleMs, expiresAt, epochs, identity, digest };
}
