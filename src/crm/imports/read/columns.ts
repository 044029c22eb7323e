/**
 * Decides which column fills which field: first the caller's mapping, then the meaning of the name, then the rules for
 * names that only position, content or the other columns explain, and at last the content of columns with unknown names.
 */

import type { Field as CustomField } from '../../fields/field.ts';
import type { Candidate } from './candidate.ts';
import { decideContactColumns } from './contact-columns.ts';
import { contentsOf } from './content.ts';
import { decideCustomColumns, type FieldsNamed } from './custom-columns.ts';
import { fold } from './fold.ts';
import type { Header } from './header.ts';
import { meaningOf, type Named } from './meaning.ts';
import { type CustomName, type Field, type FileOptions, type ImportKind, isCustomName } from './plan.ts';
import type { System } from './table.ts';

/** The words for `name` alone. In files of companies and deals they mean the record. */
const PLAIN_NAMES = new Set(
  ['name', 'nom', 'nombre', 'nome', 'naam', 'navn', 'namn', 'nazwa', 'nazev', 'jmeno', 'ad', 'adi', '名前', '名称'].map(
    fold,
  ),
);

/** Decides the fields of the columns of a file. `isOwn`: this project exported the file. */
export function decideColumns(
  header: Header,
  { kind, mapping, fields = [] }: FileOptions,
  system: System | null,
  { languages, fieldsNamed, isOwn }: { languages: readonly string[]; fieldsNamed: FieldsNamed; isOwn: boolean },
): Candidate[] {
  const candidates = header.columns.map((column, index): Candidate => {
    const named = meaningOf(column, kind, system, languages);
    const contents = contentsOf(header.rows, index);
    const [meaning] = named.meanings;
    const reason = REASONS[named.source](system);
    const base = { ...named, column, folded: fold(column), contents, custom: null, isMapped: false, question: null };
    return { ...base, field: meaning?.field ?? null, rank: meaning?.rank ?? 0, reason };
  });
  for (const candidate of candidates) if (isId(candidate)) Object.assign(candidate, { field: 'id', reason: 'has ids' });
  if (kind === 'contacts') decideContactColumns(candidates, header.rows, languages[0] ?? 'en');
  else decideRecordName(candidates, kind);
  decideCustomColumns(candidates, fieldsNamed, isOwn);
  for (const candidate of candidates) {
    if (!mapping || !Object.hasOwn(mapping, candidate.column)) continue;
    const mapped = mapping[candidate.column];
    if (mapped !== undefined) Object.assign(candidate, chosenFor(candidate.column, mapped, fields));
  }
  // A choice of the caller replaces all other columns of the field.
  const chosen = new Set(candidates.flatMap((candidate) => (candidate.isMapped ? filledBy(candidate) : [])));
  for (const candidate of candidates) {
    if (candidate.isMapped || !filledBy(candidate).some((filled) => chosen.has(filled))) continue;
    Object.assign(candidate, { field: null, custom: null, reason: 'another column was chosen for its field' });
  }
  return candidates;
}

/** Returns what a column fills by the caller's choice. A custom field can have been deleted since the choice. */
function chosenFor(
  column: string,
  mapped: Field | CustomName | null,
  fields: readonly CustomField[],
): Partial<Candidate> {
  const chosen = {
    field: null,
    custom: null,
    rank: -1,
    reason: 'chosen by the caller',
    isMapped: true,
    question: null,
  };
  if (!isCustomName(mapped)) return { ...chosen, field: mapped };
  const custom = fields.find(({ key }) => mapped === `custom.${key}`);
  if (custom) return { ...chosen, custom };
  const message = `The column was chosen for ${mapped}, but there is no such custom field. Does it fill another field?`;
  const question = { column, code: 'CUSTOM_FIELD_UNKNOWN', message } as const;
  return { ...chosen, reason: 'was chosen for a custom field that does not exist', question };
}

/** The field that a candidate fills, if it fills one. */
function filledBy({ field, custom }: Candidate): string[] {
  return custom ? [custom.id] : field ? [field] : [];
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
