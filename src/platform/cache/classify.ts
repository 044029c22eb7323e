/** Classifies a stored entry by the versions of its tags and by the time: fresh, stale, expired or a miss. */
import { type Entry, fillIdOf, parseEntry } from './entry.ts';
import { compareVersions, isChanging } from './versions.ts';

/** The outcome of one lookup. */
export type Lookup =
  /** The entry may be served. */
  | { kind: 'fresh'; entry: Entry }
  /** The entry is past its fresh time or softly invalidated, and may be served while one caller loads a new value. */
  | { kind: 'stale'; entry: Entry }
  /** The entry is too old to be served, except if loading fails. */
  | { kind: 'expired'; entry: Entry; seenFillId: string }
  /** There is no usable entry. `seenFillId` is the fill id of the unusable entry; `''` if there is no entry at all. */
  | { kind: 'miss'; seenFillId: string }
  /** The guard of the query is certain that the source has no value. */
  | { kind: 'absent' }
  /** A writer is changing data that the entry depends on. */
  | { kind: 'changing' }
  /** Redis did not answer. */
  | { kind: 'unavailable' };

/**
 * Classifies a stored entry. Era and versions are compared before the time: an entry from before a change is a miss even
 * within its fresh time. So a value older than an acknowledged write is never served, neither as stale nor as a
 * fallback.
 * @param era the era of now, read with the versions; '' without one.
 */
export function classify(
  stored: string | null,
  versions: readonly (string | null)[],
  now: number,
  staleMs: number,
  era: string,
): Exclude<Lookup, { kind: 'absent' }> {
  if (versions.some((version) => version !== null && isChanging(version))) return { kind: 'changing' };
  const entry = stored === null ? null : parseEntry(stored);
  if (!entry) return { kind: 'miss', seenFillId: fillIdOf(stored) };
  if (entry.versions.length !== versions.length) return { kind: 'miss', seenFillId: entry.fillId };
  if ((entry.era ?? '') !== era) return { kind: 'miss', seenFillId: entry.fillId };
  let soft = false;
  for (const [index, remembered] of entry.versions.entries()) {
    const comparison = compareVersions(remembered, versions[index] ?? null);
    if (comparison === 'changed') return { kind: 'miss', seenFillId: entry.fillId };
    if (comparison === 'softly-changed') soft = true;
  }
  if (entry.endsAt !== undefined && now >= entry.endsAt) return { kind: 'miss', seenFillId: entry.fillId };
  if (now < entry.freshUntil) return { kind: soft ? 'stale' : 'fresh', entry };
  if (now < entry.freshUntil + staleMs) return { kind: 'stale', entry };
  return { kind: 'expired', entry, seenFillId: entry.fillId };
}

/**
 * Returns whether a reader should refresh an entry that is still fresh (XFetch). The probability grows toward the end
 * of the fresh time, and is higher for values that take long to load (Vattani, Chierichetti, Lowenstein, "Optimal
 * Probabilistic Cache Stampede Prevention", VLDB 2015). A `beta` above 1 makes refreshes earlier.
 */
export function refreshesAhead(entry: Entry, now: number, beta: number, random: number): boolean {
  return now - entry.loadMs * beta * Math.log(1 - random) >= entry.freshUntil;
}
