/**
 * The isolate's memory as a first tier, for queries with a `memory` time: encoded values for a few seconds, up to a
 * total size. The memory holds values, never promises, so requests can share it. Writes of other isolates do not reach
 * the memory, unless the process listens to them (`memory-channel.ts`): an answer may be outdated for the query's
 * `memory` time. A write of this isolate removes the dependent values at once.
 */
import { LRUCache } from 'lru-cache';
import type { RedisKey } from '../redis/index.ts';
import type { Entry } from './entry.ts';

/** The keys of the versions that have changed; `all` for any version. */
export type Changed = readonly RedisKey[] | 'all';

/** A bounded memory of entries. */
export interface Memory {
  /** The remembered entry; `undefined` if there is no entry or it has expired. */
  get(key: RedisKey, now: number): Entry | undefined;
  /** A number that grows with each call of a `forget` function. */
  readonly generation: number;
  /**
   * Remembers an entry until a time in ms since the epoch. Does nothing if the memory's generation is no longer
   * `generation`: then this isolate has written since the entry was requested, and the entry may be older than that
   * write.
   */
  set(key: RedisKey, entry: Entry, versions: readonly RedisKey[], until: number, generation: number): void;
  /** Forgets an entry. */
  forget(key: RedisKey): void;
  /** Forgets every entry that depends on any of these versions. */
  forgetDependents(versions: readonly RedisKey[]): void;
  /** Forgets everything. */
  forgetAll(): void;
  /** The era of the last look-up; `undefined` before the first. A change of it forgets everything, by {@link enterEra}. */
  era: string | undefined;
  /** Notes another era of Redis. Forgets everything that an earlier era filled. */
  enterEra(era: string): void;
  /** The size of all entries: the characters (UTF-16 code units) of key and text, and 200 more for each entry. */
  readonly bytes: number;
}

interface Remembered {
  entry: Entry;
  versions: readonly RedisKey[];
  until: number;
}

/**
 * Creates a memory.
 * @param maxBytes the limit of {@link Memory.bytes}; the least recently used entries are removed first. The default is
 * about 8 of an isolate's 128 MiB if the texts are ASCII, and about 16 if they are not.
 */
export function createMemory(maxBytes = 8 * 1024 * 1024): Memory {
  // This file checks how long an entry is valid, because lru-cache would need timers and its own clock for this.
  const entries = new LRUCache<RedisKey, Remembered>({
    maxSize: maxBytes,
    sizeCalculation: ({ entry }, key) => key.length + entry.text.length + 200,
  });
  let generation = 0;
  function forgetAll(): void {
    generation += 1;
    entries.clear();
  }
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
    forgetAll,
    era: undefined,
    enterEra(era) {
      if (this.era !== undefined && this.era !== era) forgetAll();
      this.era = era;
    },
    get bytes() {
      return entries.calculatedSize;
    },
  };
}
