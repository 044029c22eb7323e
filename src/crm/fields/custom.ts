/** The values of custom fields in rows: shown by the keys of their fields, checked and merged in writes. */
import type { z } from '@hono/zod-openapi';
import type { PrismaClient } from '../../platform/db/index.ts';
import { type FieldProblem, invalidFields } from '../../platform/http/index.ts';
import {
  type CustomValues,
  type Field,
  type FieldKind,
  type FieldType,
  ruleOf,
  type StoredValues,
  valueOfField,
} from './field.ts';
import type { customInputSchema } from './schema.ts';

/** A row as the database has it. */
interface StoredRow {
  custom: unknown;
}

/** The parts of a row that are needed to show its custom fields, in addition to its columns. */
export interface WithFields {
  /** The values by the ids of their fields. */
  stored: StoredValues;
  /** The definitions, if they were loaded. */
  fields: readonly Field[] | null;
}

/** A row whose values are shown by key. */
export type Shown<Row extends StoredRow> = Omit<Row, 'custom'> & { custom: CustomValues } & WithFields;

type Client = Pick<PrismaClient, 'customField'>;

/** Loads the definitions of a kind, in the order of their creation. 1 statement. */
export async function loadFields(client: Client, tenant: string, kind: FieldKind): Promise<Field[]> {
  const select = { id: true, key: true, name: true, type: true, options: true } as const;
  const rows = await client.customField.findMany({ where: { tenantId: tenant, kind }, orderBy: { id: 'asc' }, select });
  return rows.map((row) => ({ ...row, type: row.type as FieldType }));
}

/** Shows the values of rows by key. 1 statement if any row has values, else none. */
export async function shownRows<Row extends StoredRow>(
  client: Client,
  tenant: string,
  kind: FieldKind,
  rows: readonly Row[],
): Promise<Shown<Row>[]> {
  const hasValues = rows.some(({ custom }) => Object.keys(custom as StoredValues).length > 0);
  const fields = hasValues ? await loadFields(client, tenant, kind) : null;
  return rows.map((row) => shownWith(fields, row));
}

/** Shows the values of one row; see {@link shownRows}. */
export async function shownRow<Row extends StoredRow>(
  client: Client,
  tenant: string,
  kind: FieldKind,
  row: Row,
): Promise<Shown<Row>> {
  const [shown] = await shownRows(client, tenant, kind, [row]);
  return shown as Shown<Row>;
}

/** Shows the values of a row by the keys of these fields. Values of deleted fields are left out. */
export function shownWith<Row extends StoredRow>(fields: readonly Field[] | null, row: Row): Shown<Row> {
  const stored = row.custom as StoredValues;
  const custom: CustomValues = {};
  for (const { id, key } of fields ?? []) {
    const value = stored[id];
    if (value !== undefined) custom[key] = value;
  }
  return { ...row, custom, stored, fields };
}

/** The values in the body of a write. */
type Given = z.output<typeof customInputSchema> | undefined;

/** The checked values of a write. */
export interface CheckedValues {
  /** The column to write; empty if the write changes no value. */
  data: { custom?: StoredValues };
  /** The definitions, if they are known. */
  fields: readonly Field[] | null;
}

/**
 * Checks the values of a write, and merges them with the row's own: `null` removes a value. Values of deleted fields are
 * removed too. 1 statement if there are values and the definitions are not known yet.
 * @throws {ProblemError} 400 that names each wrong value as `custom.<key>`.
 */
export async function checkValues(
  { db, tenant }: { db: Client; tenant: string },
  kind: FieldKind,
  given: Given,
  before?: WithFields,
): Promise<CheckedValues> {
  if (given === undefined) return { data: {}, fields: before?.fields ?? null };
  const fields = before?.fields ?? (await loadFields(db, tenant, kind));
  const byKey = new Map(fields.map((field) => [field.key, field]));
  const stored = new Map(
    fields.flatMap(({ id }) => (before?.stored[id] === undefined ? [] : [[id, before.stored[id]]])),
  );
  const problems: FieldProblem[] = [];
  for (const [key, value] of Object.entries(given)) {
    const field = byKey.get(key);
    const checked = field && value !== null ? valueOfField(field, value) : undefined;
    if (!field) problems.push({ field: `custom.${key}`, message: 'is not a known field' });
    else if (value === null) stored.delete(field.id);
    else if (checked === undefined) problems.push({ field: `custom.${key}`, message: ruleOf(field) });
    else stored.set(field.id, checked);
  }
  if (problems.length > 0) throw invalidFields(problems);
  return { data: { custom: Object.fromEntries(stored) }, fields };
}

/** Returns the names of changed fields for activities: `custom.region` for a value of a custom field. */
export function changedNames(changes: object, custom: Given): string[] {
  return [...Object.keys(changes), ...Object.keys(custom ?? {}).map((key) => `custom.${key}`)];
}
