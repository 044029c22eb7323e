/** Decides what the rows of a file change. Nothing is written, so a dry run decides in the same way. */
import { fold } from '../../platform/text/index.ts';
import type { Field } from '../fields/field.ts';
import { loadCompanies, type RowCompanies } from './companies.ts';
import type { ImportedKind, Match, Refusal, Row, Said } from './kinds/kind.ts';
import type { ColumnOf, Draft, Records } from './kinds/records.ts';
import { distinct, findRecords, REFERENCES, type Source } from './kinds/table.ts';
import type { ImportKind } from './read/plan.ts';
import type { Rejection } from './rejection.ts';
import { changeValues, shownValues } from './values.ts';

/** A record as people know it: its fields, with the names of the records that it refers to. */
export type Shown = Record<string, string | number | boolean | null>;

/** The outcome of a row. */
export interface Decision {
  row: number;
  outcome: 'imported' | 'updated' | 'unchanged' | 'rejected';
  /** The id of the record; `null` if the row is rejected. */
  id: string | null;
  /** The record after the row. */
  record: Shown | null;
  /** The old values of the fields that the row changes. */
  changes: Shown;
  /** The reasons why the row, or one of its fields, is not imported. */
  rejections: Rejection[];
}

/** The decisions about a batch of rows, and the records to write. */
export interface Decided<Kind extends ImportKind> {
  decisions: Decision[];
  /** The new records, and the records that change. */
  drafts: Draft<Kind>[];
  /** The companies that rows of other kinds have added. */
  companies: Draft<'companies'>[];
}

/** Whether companies that do not exist are added, and how new rows get their ids. */
export interface DecideOptions {
  createCompanies: boolean;
  rowId(prefix: 'contact' | 'company' | 'deal'): string;
  /** The time, in ms since the epoch. */
  now: number;
  /** The custom fields that columns of the file fill. */
  fields?: readonly Field[];
  /** Whether the records are locked until the end of the transaction. */
  lock: boolean;
}

/** Decides about rows, with a number of statements that depends on the kind and not on the number of rows. */
export async function decideRows<Kind extends ImportKind>(
  kind: ImportedKind<Kind>,
  source: Source,
  rows: readonly Row<Kind>[],
  { createCompanies, rowId, now, lock, fields = [] }: DecideOptions,
): Promise<Decided<Kind>> {
  const { sql: candidates, values } = kind.candidates;
  const ids = distinct(rows.map(({ id }) => id));
  const found = await findRecords(source, kind.table, ids, { candidates, values: values(rows), lock });
  const companies = await loadCompanies(source, rows, { createCompanies, rowId });
  const matcher = await kind.open(source, rows, found, { now });
  const drafts = new Set<Draft<Kind>>();

  function decide(row: Row<Kind>): Decision {
    const { company } = row;
    const match = matcher.find(row, companies.of(company));
    const refusal = refusalOf(kind, row, match);
    if (refusal) {
      const rejections = [{ row: row.row, ...refusal, kept: false }];
      return { row: row.row, outcome: 'rejected', id: null, record: null, changes: {}, rejections };
    }
    const known = match as Match<Kind> | undefined;
    const { draft, isNamesake } = known ?? { draft: newDraft(matcher.empty(rowId(kind.entity))), isNamesake: false };
    const refused: Refusal[] = [];
    const changes: Shown = {};
    const change = ({ values: said, names }: Pick<Said<Kind>, 'values' | 'names'>) => {
      Object.assign(changes, changeDraft(kind, draft, said));
      Object.assign(draft.names, names);
    };
    const place = placeIn(companies, company, draft);
    if (place === null) refused.push({ field: 'company', message: 'is not a known company' });
    else if (place) change(place);
    const said = matcher.say(row, { draft, isNamesake });
    change(said);
    const own = changeValues(draft, row.custom, fields);
    Object.assign(changes, own.changes);
    matcher.add(draft);
    if (Object.keys(changes).length > 0) drafts.add(draft);
    const rejections = [...refused, ...said.refused, ...own.refused].map((each) => ({
      row: row.row,
      ...each,
      kept: true,
    }));
    const outcome = !known ? 'imported' : Object.keys(changes).length > 0 ? 'updated' : 'unchanged';
    return { row: row.row, outcome, id: draft.record.id, record: shown(kind, draft, fields), changes, rejections };
  }

  return { decisions: rows.map(decide), drafts: [...drafts], companies: companies.added };
}

/** Returns the reason why a row names no record, neither a known one nor a new one. */
function refusalOf<Kind extends ImportKind>(
  { title, entity }: ImportedKind<Kind>,
  row: Row<Kind>,
  match: Match<Kind> | Refusal | undefined,
): Refusal | null {
  if (match && 'message' in match) return match;
  const isNamed = match !== undefined || (row as { name?: string; title?: string })[title] !== undefined;
  return isNamed ? null : { field: title, message: `is required for a new ${entity}` };
}

function newDraft<Kind extends ImportKind>(record: Records[Kind]): Draft<Kind> {
  return { before: null, record, names: {} };
}

/** The company of a row as values; `undefined` if the record keeps its company, `null` if the company is not known. */
function placeIn<Kind extends ImportKind>(
  companies: RowCompanies,
  company: string | undefined,
  { names }: Draft<Kind>,
): Pick<Said<Kind>, 'values' | 'names'> | undefined | null {
  // A record keeps its company if several companies have the name.
  if (company === undefined || (names.company && fold(names.company) === fold(company))) return undefined;
  const companyId = companies.findOrAdd(company);
  return companyId === null ? null : { values: { companyId } as object as Partial<Records[Kind]>, names: { company } };
}

/** Writes values into a draft, and returns the old values of the fields that changed. */
function changeDraft<Kind extends ImportKind>(
  { fields, derived }: ImportedKind<Kind>,
  draft: Draft<Kind>,
  values: Partial<Records[Kind]>,
): Shown {
  const changes: Shown = {};
  for (const field of [...fields, ...derived]) {
    const value = values[field];
    if (value === undefined || value === draft.record[field]) continue;
    if (fields.includes(field)) changes[shownName(field)] = shownValue(draft, field);
    draft.record[field] = value;
  }
  return changes;
}

function shown<Kind extends ImportKind>(
  { fields }: ImportedKind<Kind>,
  draft: Draft<Kind>,
  custom: readonly Field[],
): Shown {
  return {
    ...Object.fromEntries(fields.map((field) => [shownName(field), shownValue(draft, field)])),
    ...shownValues(draft.record.custom, custom),
  };
}

/** A reference is shown by the name of its record: new records have no ids yet. */
function shownName(field: string): string {
  return REFERENCES.find(([column]) => column === field)?.[1] ?? field;
}

function shownValue<Kind extends ImportKind>({ record, names }: Draft<Kind>, field: ColumnOf<Kind>) {
  const name = REFERENCES.find(([column]) => column === field)?.[1];
  return (name ? (names[name] ?? null) : record[field]) as string | number | null;
}
