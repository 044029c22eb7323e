/**
 * The format in Redis. One hash holds all sessions and all families of refresh tokens of a user. Each is an entry of up
 * to three fields, so that changes of one field cannot damage the fields that never change:
 *
 *     <name>    the record: who, since when, until when. Written once, removed once.
 *     <name>~   begins with when it was last seen, in ms; of a family, its state follows
 *     <name>=   the session's data
 *
 * A session's name is its sid, a family's is `r.` and its id; neither can contain `~` or `=`. Every script that changes
 * a field of an entry first checks that its record exists: a revoked entry stays revoked.
 *
 * A record begins with the fields that scripts read: `<createdAt> <idleMs> <expiresAt> <tenant's epoch> <user's epoch> <id> {…}`.
 */
import type { RecordedEpochs } from './epochs.ts';

/** Fields of refresh token families begin with this. */
export const FAMILY = 'r.';

/** A user's identity, and how and when it was proved. */
export interface Identity {
  readonly userId: string;
  readonly role: string;
  /** When the user last proved who they are, in ms since the epoch. */
  readonly authenticatedAt: number;
  /** How, as in RFC 8176: `pwd`, `otp`, `hwk`, … */
  readonly methods: readonly string[];
  /** A short name of the device. */
  readonly device: string;
}

/** An entry's record. Times in ms since the epoch. */
export interface EntryRecord {
  readonly createdAt: number;
  readonly idleMs: number;
  readonly expiresAt: number;
  readonly epochs: RecordedEpochs;
  /** Names the session for its whole life, through every rotation. */
  readonly id: string;
  readonly identity: Identity;
  /** SHA-256 of the session's secret; '' of a family, whose secrets change. */
  readonly digest: string;
}

/** Lua: reads a record's beginning. Empty epochs are empty texts. */
export const LUA_RECORD = "'^(%d+) (%d+) (%d+) (%S*) (%S*) (%S+) '";
const FORM = /^(\d+) (\d+) (\d+) (\S*) (\S*) (\S+) (\{.*\})$/s;

/** Writes a record. */
export function writeRecord(record: EntryRecord): string {
  const { createdAt, idleMs, expiresAt, epochs, id, identity, digest } = record;
  const head = [createdAt, idleMs, expiresAt, epochs.tenant, epochs.user, id].join(' ');
  return `${head} ${JSON.stringify({ ...identity, digest })}`;
}

/** Reads a record; `null` for a text that is no record. */
export function readRecord(text: string | null | undefined): EntryRecord | null {
  const [, createdAt, idleMs, expiresAt, tenant = '', user = '', id = '', json = ''] = FORM.exec(text ?? '') ?? [];
  if (id === '') return null;
  const parsed = parseIdentity(json);
  if (parsed === null) return null;
  const { digest, ...identity } = parsed;
  const epochs = { tenant, user };
  const times = { createdAt: Number(createdAt), idleMs: Number(idleMs), expiresAt: Number(expiresAt) };
  return { ...times, epochs, id, identity, digest };
}

function parseIdentity(json: string): (Identity & { digest: string }) | null {
  try {
    // The type is known: only `writeRecord` writes this text.
    return JSON.parse(json) as Identity & { digest: string };
  } catch {
    return null;
  }
}

/** When an entry was last seen, from its `~` field. */
export function lastSeenIn(field: string | null | undefined, record: EntryRecord): number {
  const [, seen] = /^(\d+)/.exec(field ?? '') ?? [];
  return seen === undefined ? record.createdAt : Number(seen);
}

/** Why an entry is not valid any more. */
export type Ended = 'revoked' | 'idle' | 'expired';

/** Why an entry has ended by `now`, or `null` if it is valid. */
export function endedBy(record: EntryRecord, lastSeenAt: number, epochs: RecordedEpochs, now: number): Ended | null {
  if (record.epochs.tenant !== epochs.tenant || record.epochs.user !== epochs.user) return 'revoked';
  if (record.expiresAt <= now) return 'expired';
  if (lastSeenAt + record.idleMs <= now) return 'idle';
  return null;
}
