/**
 * Decides which column fills which field: first the caller's mapping, then the meaning of the name, then the rules for
 * names that only position, content or the other columns explain, and at last the content of columns with unknown names.
 */

import type { Candidate } from './candidate.ts';
import { decideContactColumns } from './contact-columns.ts';
import { contentsOf } from './content.ts';
import { fold } from './fold.ts';
import type { Header } from './header.ts';
import { meaningOf, type Named } from './meaning.ts';
import type { FileOptions, ImportKind } from './plan.ts';
import type { System } from './table.ts';

/** The words for `name` alone. In files of companies and deals they mean the record. */
const PLAIN_NAMES = new Set(
  ['name', 'nom', 'nombre', 'nome', 'naam', 'navn', 'namn', 'nazwa', 'nazev', 'jmeno', 'ad', 'adi', '名前', '名称'].map(
    fold,
  ),
);

/** Decides the fields of the columns of a file. */
export function decideColumns(
  header: Header,
  { kind, mapping }: FileOptions,
  system: System | null,
  languages: readonly string[],
): Candidate[] {
  const candidates = header.columns.map((column, index): Candidate => {
    const named = meaningOf(column, kind, system, languages);
    const contents = contentsOf(header.rows, index);
    const [meaning] = named.meanings;
    const reason = REASONS[named.source](system);
    const base = { ...named, column, folded: fold(column), contents, isMapped: false };
    return { ...base, field: meaning?.field ?? null, rank: meaning?.rank ?? 0, reason };
  });
  for (const candidate of candidates) if (isId(candidate)) Object.assign(candidate, { field: 'id', reason: 'has ids' });
  if (kind === 'contacts') decideContactColumns(candidates, header.rows, languages[0] ?? 'en');
  else decideRecordName(candidates, kind);
  for (const candidate of candidates) {
    if (!mapping || !Object.hasOwn(mapping, candidate.column)) continue;
    const mapped = mapping[candidate.column];
    if (mapped === undefined) continue;
    const reason = 'chosen by the caller';
    Object.assign(candidate, { field: mapped, rank: -1, reason, isMapped: true });
  }
  // A choice of the caller replaces all other columns of the field.
  const chosen = new Set(candidates.flatMap(({ isMapped, field }) => (isMapped && field ? [field] : [])));
  for (const candidate of candidates) {
    if (candidate.isMapped || candidate.field === null || !chosen.has(candidate.field)) continue;
    Object.assign(candidate, { field: null, reason: 'another column was chosen for its field' });
  }
  return candidates;
}

const REASONS: Record<Named['source'], (system: System | null) => string> = {
  system: (system) => `named as in files of ${system?.name ?? 'a known system'}`,
  word: () => 'has a known name',
  near: () => 'has a name that contains a known one',
  unknown: () => 'has an unknown name',
};

/** `Id` is the id of the record. The ids of another system match no record, so they do no harm. */
function isId({ folded }: Candidate): boolean {
  return folded === 'id';
}

/** In a file of companies or deals, `Name` is the name of the record if no other column is. */
function decideRecordName(candidates: readonly Candidate[], kind: ImportKind): void {
  const field = kind === 'deals' ? 'title' : 'name';
  const isPlain = ({ folded, source }: Candidate) => PLAIN_NAMES.has(folded) && source !== 'system';
  const hasOther = candidates.some((candidate) => candidate.field === field && !isPlain(candidate));
  for (const candidate of candidates.filter(isPlain)) candidate.field = hasOther ? null : field;
}
