/** Describes one entry for operators, without its value. */

import { classify } from './classify.ts';
import { parseEntry } from './entry.ts';
import { ERA } from './era.ts';
import type { CacheServices, Reading } from './services.ts';

/** The description of one entry. Times are in ms. */
export interface Inspection {
  /** The key in Redis. */
  key: string;
  state: 'fresh' | 'stale' | 'expired' | 'invalidated' | 'changing' | 'unreadable';
  ageMs: number | null;
  /** The time until the entry stops being fresh; negative after that moment. */
  freshForMs: number | null;
  /** The time until Redis deletes the entry. */
  endsInMs: number;
  loadMs: number | null;
  /**
   * The length of the stored text in UTF-16 code units. An ASCII text has as many bytes; any other text has more bytes.
   */
  bytes: number;
  encoding: string | null;
  /** The version keys of the entry's tags, and whether the entry has the current version of each tag. */
  tags: { key: string; current: boolean }[];
}

/** Returns the description of an entry; `null` if there is no entry. One request, two commands. */
export async function inspectEntry(
  { redis, system }: CacheServices,
  { keys, query }: Reading<unknown>,
): Promise<Inspection | null> {
  const [[stored, era, ...versions], endsInMs] = await Promise.all([
    redis.mget<(string | null)[]>(keys.entry, ERA, ...keys.versions),
    redis.pttl(keys.entry),
  ]);
  if (stored === null || stored === undefined) return null;
  const now = system.now();
  const entry = parseEntry(stored);
  const { kind } = classify(stored, versions, now, query.staleMs, era ?? '');
  return {
    key: keys.entry,
    state: kind === 'miss' ? (entry ? 'invalidated' : 'unreadable') : kind === 'unavailable' ? 'unreadable' : kind,
    ageMs: entry ? now - entry.loadedAt : null,
    freshForMs: entry ? entry.freshUntil - now : null,
    endsInMs,
    loadMs: entry?.loadMs ?? null,
    bytes: stored.length,
    encoding: entry?.encoding ?? null,
    tags: keys.versions.map((key, index) => ({ key, current: versions[index] === entry?.versions[index] })),
  };
}
