/**
 * Writes and opens the records of one tenant's entries. If the policy of the user's role is `sealed`, Redis keeps the
 * identity sealed under SEAL_KEYS, and the seal is bound to the entry's place, times, epochs and secret. So a reader of
 * Redis does not learn who is signed in, and a writer to Redis can neither create such an entry nor lengthen its life.
 */
import type { RedisKey, Sealer } from '../redis/index.ts';
import { SessionError } from './errors.ts';
import type { Limits } from './policy.ts';
import {
  type EntryHead,
  type EntryRecord,
  headOf,
  type Identity,
  isPlain,
  type StoredRecord,
  writeRecord,
} from './record.ts';

/** The place of a record: the hash of the user, and the name of the entry in the hash. */
export interface RecordPlace {
  readonly hash: RedisKey;
  readonly name: string;
}

/** Writes and opens records. */
export interface Records {
  /**
   * Writes a record.
   * @throws {SessionError} `SESSION_SEAL_KEYS` if the record must be sealed and there are no SEAL_KEYS.
   */
  write(record: EntryRecord, place: RecordPlace): Promise<string>;
  /**
   * Opens a record. Returns `null` if the seal does not fit, or if the record is not sealed although the policy of its
   * role requires a seal.
   */
  open(stored: StoredRecord, place: RecordPlace): Promise<EntryRecord | null>;
}

/**
 * Creates the records of a tenant.
 * @param limitsOf returns the limits of a role.
 */
export function createRecords(sealer: Sealer | null, limitsOf: (role: string) => Limits): Records {
  const contextOf = (head: EntryHead, { hash, name }: RecordPlace) => [
    ...['session-record', hash, name, headOf(head), head.digest],
  ];
  return {
    async write(record, place) {
      if (!limitsOf(record.identity.role).sealed) return writeRecord(record);
      if (!sealer) throw new SessionError('SESSION_SEAL_KEYS', 'Sessions of this role need SEAL_KEYS to be set');
      const { identity, ...head } = record;
      return writeRecord({ ...head, sealed: await sealer.seal(JSON.stringify(identity), contextOf(head, place)) });
    },
    async open(stored, place) {
      if (!('sealed' in stored)) return isPlain(stored, limitsOf) ? stored : null;
      const { sealed, ...head } = stored;
      const text = (await sealer?.open(sealed, contextOf(head, place))) ?? null;
      // The type is known: the seal shows that `write` wrote the text.
      return text === null ? null : { ...head, identity: JSON.parse(text) as Identity };
    },
  };
}
