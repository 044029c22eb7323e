/**
 * The format in Redis. One hash holds all sessions and all families of refresh tokens of a user. Each session or family
 * is an entry of up to three fields, so that a change of one field cannot damage the fields that never change:
 *
 *     <name>    the record: the user, the beginning and the end. Written once, removed once.
 *     <name>~   begins with the time of the last use, in ms; in a family, the family's state follows
 *     <name>=   the session's data
 *
 * The name of a session is its sid. The name of a family is `r.` and the id. Names contain no `~` and no `=`. Every
 * script that changes a field of an entry first checks that the record exists, so a revoked entry stays revoked.
 *
 * A record begins with the fields that scripts read: `<createdAt> <idleMs> <expiresAt> <tenant's epoch> <user's epoch>
 * <id> {…}`. The JSON holds the identity and the digest of the secret. If the policy of the user's role is `sealed`, the
 * JSON holds the sealed identity instead; see `records.ts`.
 */
import type { RecordedEpochs } from './epochs.ts';

/** The prefix of the fields of refresh token families. */
export const FAMILY = 'r.';

/** A user's identity, and how and when the user proved this identity. */
export interface Identity {
  readonly userId: string;
  readonly role: string;
  /** The time of the user's last proof of identity, in ms since the epoch. */
  readonly authenticatedAt: number;
  /** The methods of the proof, with the names of RFC 8176: `pwd`, `otp`, `hwk`, … */
  readonly methods: readonly string[];
  /**
   * The time of the user's last proof of a second factor, in ms since the epoch; left out if the user gave none. A record
   * of a version without second factors has no such field.
   */
  readonly factorAt?: number | undefined;
  /** A short name of the device. */
  readonly device: string;
}

/** The parts of a record that are never sealed. Times are in ms since the epoch. */
export interface EntryHead {
  readonly createdAt: number;
  readonly idleMs: number;
  readonly expiresAt: number;
  readonly epochs: RecordedEpochs;
  /** The id of the entry for its whole life. Rotations do not change the id. */
  readonly id: string;
  /** SHA-256 of the session's secret; '' for a family, because the secrets of a family change. */
  readonly digest: string;
}

/** An entry's record. */
export interface EntryRecord extends EntryHead {
  readonly identity: Identity;
}

/** A record as Redis stores it. */
export type StoredRecord = EntryRecord | (EntryHead & { readonly sealed: string });

/** A Lua pattern that reads the beginning of a record. An epoch may be the empty text. */
export const LUA_RECORD = "'^(%d+) (%d+) (%d+) (%S*) (%S*) (%S+) '";
const FORM = /^(\d+) (\d+) (\d+) (\S*) (\S*) (\S+) (\{.*\})$/s;

/** Returns the beginning of a record, which scripts read. */
export function headOf({ createdAt, idleMs, expiresAt, epochs, id }: EntryHead): string {
  return [createdAt, idleMs, expiresAt, epochs.tenant, epochs.user, id].join(' ');
}

/** Writes a record. */
export function writeRecord(record: StoredRecord): string {
  const body = 'sealed' in record ? { sealed: record.sealed } : record.identity;
  return `${headOf(record)} ${JSON.stringify({ ...body, digest: record.digest })}`;
}

/** Reads a record. Returns `null` for a text that is not a record. */
export function readRecord(text: string | null | undefined): StoredRecord | null {
  const [, createdAt, idleMs, expiresAt, tenant = '', user = '', id = '', json = ''] = FORM.exec(text ?? '') ?? [];
  if (id === '') return null;
  const parsed = parseBody(json);
  if (parsed === null) return null;
  const { digest, ...body } = parsed;
  const epochs = { tenant, user };
  const times = { createdAt: Number(createdAt), idleMs: Number(idleMs), expiresAt: Number(expiresAt) };
  const head = { ...times, epochs, id, digest };
  return 'sealed' in body ? { ...head, sealed: body.sealed } : { ...head, identity: body };
}

function parseBody(json: string): ((Identity | { sealed: string }) & { digest: string }) | null {
  try {
    // The type is known: only `writeRecord` writes this text.
    return JSON.parse(json) as (Identity | { sealed: string }) & { digest: string };
  } catch {
    return null;
  }
}

/**
 * Returns whether a record is not sealed, and may be so by the policy of its role. Any other record must be opened; see
 * `records.ts`.
 */
export function isPlain(
  stored: StoredRecord,
  limitsOf: (role: string) => { readonly sealed: boolean },
): stored is EntryRecord {
  return !('sealed' in stored) && !limitsOf(stored.identity.role).sealed;
}

/** Returns the time of an entry's last use: the time in the `~` field, or else the time of creation. */
export function lastSeenIn(field: string | null | undefined, record: EntryHead): number {
  const [, seen] = /^(\d+)/.exec(field ?? '') ?? [];
  return seen === undefined ? record.createdAt : Number(seen);
}

/** The reason why an entry is not valid any more. */
export type Ended = 'revoked' | 'idle' | 'expired';

/** Returns the reason why an entry has ended by `now`, or `null` if the entry is valid. */
export function endedBy(record: EntryHead, lastSeenAt: number, epochs: RecordedEpochs, now: number): Ended | null {
  if (record.epochs.tenant !== epochs.tenant || record.epochs.user !== epochs.user) return 'revoked';
  if (record.expiresAt <= now) return 'expired';
  if (lastSeenAt + record.idleMs <= now) return 'idle';
  return null;
}
