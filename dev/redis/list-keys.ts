/**
 * The keys of the embedded Redis without copies of the values. KEYS, SCAN and RANDOMKEY of js-redis-server copy every
 * value of the database, and a SCAN copies all of them again for each page. The three commands read keys and types only.
 */
import type { KeyspaceEntry, RedisDatabase } from 'js-redis-server/core';

/** The part of a database of the library that the library declares as private. */
interface Inside {
  keyspace: { entries: Map<unknown, KeyspaceEntry> };
}

/**
 * Makes the commands that list keys read the stored entries themselves, without a copy. This is safe: these commands
 * change no entry, and each ends before the next command begins.
 */
export function listKeysWithoutValues(database: RedisDatabase): void {
  const { keyspace } = database as unknown as Inside;
  database.entriesSnapshot = () => {
    database.sweepExpired();
    return [...keyspace.entries.values()];
  };
}
