/**
 * What Redis keeps. One hash holds everything that lets a user in: sessions, and families of refresh tokens. Each is an
 * entry of up to three fields, so that what never changes cannot be damaged by what does:
 *
 *     <name>    the record: who, since when, until when. Written once, removed once.
 *     <name>~   begins with when it was last seen, in ms; of a family, its state follows
 *     <name>=   the session's data
 *
 * A session's name is its sid, a family's is `r.` and its id; neither can contain `~` or `=`. Whatever changes a field
 * of an entry asks first, in the same script, whether its record is there: what was revoked stays revoked.
 *
 * A record begins with what scripts read: `<createdAt> <idleMs> <expiresAt> <tenant's epoch> <user's epoch> <id> {…}`.
 */
import type { RecordedEpochs } from './epochs.ts';

/** Fields of refresh token families begin with this. */
export const FAMILY = 'r.';

/** Who somebody is, how and when they proved it. */
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
    // Written by writeRecord.
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

/** Why a record does not let anybody in (any more). */
export type Ended = 'revoked' | 'idle' | 'expired';

/** What ended an entry by `now`, or `null` if nothing has. */
export function endedBy(record: EntryRecord, lastSeenAt: number, epochs: RecordedEpochs, now: number): Ended | null {
  if (record.epochs.tenant !== epochs.tenant || record.epochs.user !== epochs.user) return 'revoked';
  if (record.expiresAt <= now) return 'expired';
  if (lastSeenAt + record.idleMs <= now) return 'idle';
  return null;
}
