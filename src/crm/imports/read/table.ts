/**
 * The known column names as look-up tables. The texts in `headers/` have a line for each field, with the columns in
 * order of preference; columns that fill no field are in the line `other`.
 */
import { fold } from './fold.ts';
import { systemColumns } from './headers/systems.ts';
import { germanicWords } from './headers/words-germanic.ts';
import { otherWords } from './headers/words-other.ts';
import { romanceWords } from './headers/words-romance.ts';
import type { Field, ImportKind } from './plan.ts';

/** The meaning of a column name: a field, no field of this kind (`null`), and the place in the order of preference. */
export interface Meaning {
  field: Field | null;
  rank: number;
}

/** The columns of a system. */
export interface System {
  name: string;
  kind: ImportKind;
  language: string;
  columns: ReadonlyMap<string, Meaning>;
}

/** The fields of the tables that have another name in a kind of file. Others have the same name, or none. */
const RENAMED: Record<ImportKind, Readonly<Record<string, Field>>> = {
  contacts: { mobilePhone: 'phone', contact: 'name' },
  companies: { company: 'name', website: 'domain' },
  deals: { dealTitle: 'title', closeDate: 'expectedCloseDate', email: 'contactEmail', name: 'contact' },
};
/** The fields of the tables in a kind of file. */
const SAME: Record<ImportKind, readonly Field[]> = {
  contacts: [
    ...(['name', 'displayName', 'firstName', 'middleName', 'lastName', 'jobTitle', 'salutation', 'suffix'] as const),
    ...(['email', 'phone', 'company', 'owner'] as const),
  ],
  companies: ['domain', 'industry', 'employees', 'city', 'country', 'owner'],
  deals: ['stage', 'value', 'currency', 'company', 'contact', 'owner'],
};
/** The place of a mobile number after all other numbers. */
const MOBILE_RANK = 500;

function fieldIn(kind: ImportKind, tableField: string): Field | null {
  return RENAMED[kind][tableField] ?? SAME[kind].find((field) => field === tableField) ?? null;
}

/** Yields each column name of the lines of a table, folded, with the field of its line. */
function* columnsIn(lines: readonly string[]): Generator<[name: string, tableField: string, index: number]> {
  for (const line of lines) {
    const [tableField = '', names = ''] = line.split(/:\s(.*)/s);
    for (const [index, name] of names.split(' | ').entries()) yield [fold(name), tableField, index];
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

function systemOf(block: string): System {
  const [title = '', ...lines] = linesOf(block);
  const [name = '', kind = 'contacts', language = ''] = title.split(' | ');
  const columns = new Map<string, Meaning>();
  for (const [column, tableField, index] of columnsIn(lines)) {
    const field = fieldIn(kind as ImportKind, tableField);
    const rank = index + (tableField === 'mobilePhone' ? MOBILE_RANK : 0);
    if (!columns.has(column)) columns.set(column, { field, rank });
  }
  return { name, kind: kind as ImportKind, language, columns };
}

function languageOf(kind: ImportKind, text: string): Map<string, Meaning[]> {
  const words = new Map<string, Meaning[]>();
  for (const [column, tableField, index] of columnsIn(linesOf(text))) {
    const field = fieldIn(kind, tableField);
    const known = words.get(column) ?? [];
    if (known.some((meaning) => meaning.field === field)) continue;
    const meaning = { field, rank: index + (tableField === 'mobilePhone' ? MOBILE_RANK : 0) };
    words.set(column, field === null ? [...known, meaning] : [...known.filter((other) => other.field), meaning]);
  }
  return words;
}

/** The tables of a kind of file. */
export interface Tables {
  systems: readonly System[];
  /** The meanings of each folded column name, by language. */
  languages: ReadonlyMap<string, ReadonlyMap<string, Meaning[]>>;
}

const built = new Map<ImportKind, Tables>();

/** Returns the tables of a kind of file. They are built at the first call. */
export function tablesOf(kind: ImportKind): Tables {
  const known = built.get(kind);
  if (known) return known;
  const systems = systemColumns
    .split(/^# /m)
    .slice(1)
    .map(systemOf)
    .filter((system) => system.kind === kind);
  const texts = Object.entries({ ...germanicWords, ...romanceWords, ...otherWords });
  const languages = new Map(texts.map(([language, text]) => [language, languageOf(kind, text)]));
  const tables = { systems, languages };
  built.set(kind, tables);
  return tables;
}
