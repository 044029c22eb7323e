/**
 * The isolate's memory as a first tier, for queries with a `memory` time: encoded values for a few seconds, within a
 * limit of bytes. The memory holds values, never promises, so requests can share it. Writes of other isolates do not
 * reach the memory: an answer may be outdated for the query's `memory` time. A write of this isolate removes the
 * dependent values at once.
 */
import { LRUCache } from 'lru-cache';
import type { RedisKey } from '../redis/index.ts';
import type { Entry } from './entry.ts';

/** A bounded memory of entries. */
export interface Memory {
  /** The remembered entry; `undefined` if there is no entry or it has expired. */
  get(key: RedisKey, now: number): Entry | undefined;
  /** A number that grows with each call of a `forget` function. */
  readonly generation: number;
  /**
   * Remembers an entry until a time in ms since the epoch. Does nothing if the memory's generation is no longer
   * `generation`: the entry was requested before a write of this isolate, and may be older than the write.
   */
  set(key: RedisKey, entry: Entry, versions: readonly RedisKey[], until: number, generation: number): void;
  /** Forgets an entry. */
  forget(key: RedisKey): void;
  /** Forgets every entry that depends on any of these versions. */
  forgetDependents(versions: readonly RedisKey[]): void;
  /** Forgets everything. */
  forgetAll(): void;
  /** The bytes in use (UTF-16 length of keys and texts). */
  readonly bytes: number;
}

interface Remembered {
  entry: Entry;
  versions: readonly RedisKey[];
  until: number;
}

/**
 * Creates a memory.
 * @param maxBytes the limit; the least recently used entries are removed first. Default: 8 of an isolate's 128 MiB.
 */
export function createMemory(maxBytes = 8 * 1024 * 1024): Memory {
  // The time limits are checked here, because the library's own limits need timers and a second clock.
  const entries = new LRUCache<RedisKey, Remembered>({
    maxSize: maxBytes,
    sizeCalculation: ({ entry }, key) => key.length + entry.text.length + 200,
  });
  let generation = 0;
  return {
    get generation() {
      return generation;
    },
    get(key, now) {
      const remembered = entries.get(key);
      if (remembered && now < remembered.until) return remembered.entry;
      entries.delete(key);
      return undefined;
    },
    set(key, entry, versions, until, asOf) {
      if (asOf === generation) entries.set(key, { entry, versions, until });
    },
    forget(key) {
      generation += 1;
      entries.delete(key);
    },
    forgetDependents(versions) {
      generation += 1;
      const changed = new Set(versions);
      for (const [key, remembered] of entries) {
        if (remembered.versions.some((version) => changed.has(version))) entries.delete(key);
      }
    },
    forgetAll() {
      generation += 1;
      entries.clear();
    },
    get bytes() {
      return entries.calculatedSize;
    },
  };
}
