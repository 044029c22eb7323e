/** A description of one entry, for operators: never the value itself. */

import { classify } from './classify.ts';
import { parseEntry } from './entry.ts';
import type { CacheServices, Reading } from './services.ts';

/** One entry, described. Times are in ms. */
export interface Inspection {
  /** The key in Redis. */
  key: string;
  state: 'fresh' | 'stale' | 'expired' | 'invalidated' | 'changing' | 'unreadable';
  ageMs: number | null;
  /** How much longer it is fresh; negative once it is not. */
  freshForMs: number | null;
  /** When Redis drops it. */
  endsInMs: number;
  loadMs: number | null;
  /** Size of the stored text (UTF-16 length). */
  bytes: number;
  encoding: string | null;
  /** The keys of its tags' versions, and whether each is still the one it was made under. */
  tags: { key: string; current: boolean }[];
}

/** Describes an entry; `null` if it does not exist. One request, two commands. */
export async function inspectEntry(
  { redis, system }: CacheServices,
  { keys, query }: Reading<unknown>,
): Promise<Inspection | null> {
  const [[stored, ...versions], endsInMs] = await Promise.all([
    redis.mget<(string | null)[]>(keys.entry, ...keys.versions),
    redis.pttl(keys.entry),
  ]);
  if (stored === null || stored === undefined) return null;
  const now = system.now();
  const entry = parseEntry(stored);
  const { kind } = classify(stored, versions, now, query.staleMs);
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
