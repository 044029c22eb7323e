/**
 * The keys of the embedded Redis without copies of the values. KEYS, SCAN and RANDOMKEY of js-redis-server copy every
 * value of the database, and a SCAN copies all of them again for each page. The three commands read keys and types only.
 */
import type { KeyspaceEntry, RedisDatabase } from 'js-redis-server/core';

/** The part of a database that the library declares private. */
interface Inside {
  keyspace: { entries: Map<unknown, KeyspaceEntry> };
}

/** Gives the commands that list keys the stored entries themselves. They change none, and end before another command. */
export function listKeysWithoutValues(database: RedisDatabase): void {
  const { keyspace } = database as unknown as Inside;
  database.entriesSnapshot = () => {
    database.sweepExpired();
    return [...keyspace.entries.values()];
  };
}
