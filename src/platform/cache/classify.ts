/** Classifies a stored entry by the versions of its tags and by the time: fresh, stale, expired or a miss. */
import { type Entry, fillIdOf, parseEntry } from './entry.ts';
import { compareVersions, isChanging } from './versions.ts';

/** The outcome of one lookup. */
export type Lookup =
  /** May be served. */
  | { kind: 'fresh'; entry: Entry }
  /** May be served while one caller refreshes it: past its time, or softly invalidated. */
  | { kind: 'stale'; entry: Entry }
  /** Too old to be served, unless loading fails. */
  | { kind: 'expired'; entry: Entry; seenFillId: string }
  /** Nothing usable. `seenFillId` names the entry that was there, if one was. */
  | { kind: 'miss'; seenFillId: string }
  /** A writer is changing what the entry depends on. */
  | { kind: 'changing' }
  /** Redis did not answer. */
  | { kind: 'unavailable' };

/**
 * Classifies an entry as stored. Versions come first: an entry made before a change is a miss even if it is fresh, so a
 * value older than an acknowledged write is never served, neither as stale nor as a fallback.
 */
export function classify(
  stored: string | null,
  versions: readonly (string | null)[],
  now: number,
  staleMs: number,
): Lookup {
  if (versions.some((version) => version !== null && isChanging(version))) return { kind: 'changing' };
  const entry = stored === null ? null : parseEntry(stored);
  if (!entry) return { kind: 'miss', seenFillId: fillIdOf(stored) };
  if (entry.versions.length !== versions.length) return { kind: 'miss', seenFillId: entry.fillId };
  let soft = false;
  for (const [index, remembered] of entry.versions.entries()) {
    const comparison = compareVersions(remembered, versions[index] ?? null);
    if (comparison === 'changed') return { kind: 'miss', seenFillId: entry.fillId };
    if (comparison === 'softly-changed') soft = true;
  }
  if (now < entry.freshUntil) return { kind: soft ? 'stale' : 'fresh', entry };
  if (now < entry.freshUntil + staleMs) return { kind: 'stale', entry };
  return { kind: 'expired', entry, seenFillId: entry.fillId };
}

/**
 * XFetch: whether a reader of a fresh entry should refresh it ahead of its end, with a probability that grows as the
 * end comes near and with the time a load takes (Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache
 * Stampede Prevention", VLDB 2015). `beta` above 1 refreshes earlier.
 */
export function refreshesAhead(entry: Entry, now: number, beta: number, random: number): boolean {
  return now - entry.loadMs * beta * Math.log(1 - random) >= entry.freshUntil;
}
