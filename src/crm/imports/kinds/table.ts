/** Reads and writes the records of a kind, with one statement for any number of records. */
import type { PrismaClient, Transaction, TransactionClient } from '../../../platform/db/index.ts';
import type { ImportKind } from '../read/plan.ts';
import type { ColumnOf, Draft, Names, Records } from './records.ts';

/** A column: its name, its type in SQL, and the expression that reads it as text, if its type is not one of JSON. */
export interface KindColumn {
  name: string;
  type: string;
  read?: string;
  /** The type to which the value is cast when it is written. */
  cast?: 'jsonb';
  /** The column is never written. */
  isFixed?: true;
}

/** The table of a kind. `t` is the table in the expressions of its columns. */
export interface KindTable<Kind extends ImportKind> {
  name: Kind;
  columns: Readonly<Record<ColumnOf<Kind>, KindColumn>>;
}

/** The reader of an import's rows: a transaction, or the database for a dry run. */
export interface Source {
  db: Pick<PrismaClient, '$queryRaw' | '$queryRawUnsafe' | 'tenant'>;
  tenant: string;
}

/** The records that others refer to: the column of the reference, the name of the reference, and the table. */
export const REFERENCES = [
  ['companyId', 'company', 'companies'],
  ['contactId', 'contact', 'contacts'],
  ['ownerId', 'owner', 'users'],
] as const;

/** The most records with one name that are compared. */
export const MOST_NAMESAKES = 1000;

/**
 * Returns the records with these ids and those that a query of ids finds, in the order of their ids, with the names of the
 * records that they refer to. With `lock`, no other write can change them before the end of the transaction. 1 statement.
 */
export async function findRecords<Kind extends ImportKind>(
  { db, tenant }: Source,
  table: KindTable<Kind>,
  ids: readonly string[],
  { candidates, values, lock }: { candidates?: string; values?: readonly unknown[]; lock: boolean },
): Promise<Draft<Kind>[]> {
  const columns = columnsOf(table);
  const references = REFERENCES.flatMap(([field, name, other]) => {
    const column = columns.find(([known]) => known === field)?.[1];
    return column ? [{ name, other, column: column.name }] : [];
  });
  const read = columns.map(([field, { name, read: expression }]) => `${expression ?? `t.${name}`} AS "${field}"`);
  const names = references.map(({ name }) => `${name}.name AS "${name}.name"`);
  const joins = references.map(
    ({ name, other, column }) =>
      `LEFT JOIN ${other} ${name} ON ${name}.tenant_id = t.tenant_id AND ${name}.id = t.${column}`,
  );
  const wanted =
    candidates === undefined ? 'SELECT unnest($2::text[])' : `SELECT unnest($2::text[]) UNION ${candidates}`;
  const rows = await db.$queryRawUnsafe<Record<string, string | number | null>[]>(
    `SELECT ${[...read, ...names].join(', ')} FROM ${table.name} t ${joins.join(' ')}
     WHERE t.tenant_id = $1 AND t.id = ANY(ARRAY(${wanted})) ORDER BY t.id ${lock ? 'FOR UPDATE OF t' : ''}`,
    ...[tenant, ids, ...(values ?? [])],
  );
  return rows.map((row) => {
    const pick = () => Object.fromEntries(columns.map(([field]) => [field, row[field]])) as Records[Kind];
    const named = Object.fromEntries(references.map(({ name }) => [name, row[`${name}.name`]])) as Names;
    return { before: pick(), record: pick(), names: named };
  });
}

/** Adds records. 1 statement, none without records. */
export async function insertRecords<Kind extends ImportKind>(
  tx: Transaction,
  table: KindTable<Kind>,
  records: readonly Records[Kind][],
): Promise<void> {
  if (records.length === 0) return;
  const columns = columnsOf(table).filter(([, { isFixed }]) => !isFixed);
  const names = columns.map(([, { name }]) => name).join(', ');
  await tx.db.$executeRawUnsafe(
    `INSERT INTO ${table.name} (tenant_id, ${names}, created_at, updated_at)
     SELECT $1, ${columns.map(writtenValue).join(', ')}, $3::text::timestamp, $3::text::timestamp
     FROM jsonb_to_recordset($2::text::jsonb) AS new (${definitions(columns)})`,
    ...[tx.tenant, JSON.stringify(records), new Date(tx.system.now()).toISOString()],
  );
}

/** Writes some columns of records that exist. 1 statement, none without records. */
export async function updateRecords<Kind extends ImportKind>(
  tx: Transaction,
  table: KindTable<Kind>,
  fields: readonly ColumnOf<Kind>[],
  records: readonly Records[Kind][],
): Promise<void> {
  if (records.length === 0) return;
  const columns = columnsOf(table).filter(([field]) => fields.includes(field));
  await tx.db.$executeRawUnsafe(
    `UPDATE ${table.name} t SET ${columns.map((column) => `${column[1].name} = ${writtenValue(column)}`).join(', ')},
       updated_at = $3::text::timestamp
     FROM jsonb_to_recordset($2::text::jsonb) AS new (id text, ${definitions(columns)})
     WHERE t.tenant_id = $1 AND t.id = new.id`,
    ...[tx.tenant, JSON.stringify(records), new Date(tx.system.now()).toISOString()],
  );
}

/** Removes records. 1 statement, none without records. */
export async function removeRecords(
  { db, tenant }: Pick<Transaction, 'db' | 'tenant'>,
  table: ImportKind,
  ids: readonly string[],
): Promise<void> {
  if (ids.length > 0)
    await db.$executeRawUnsafe(`DELETE FROM ${table} WHERE tenant_id = $1 AND id = ANY($2)`, tenant, ids);
}

/** Returns those of the ids to which one of the columns refers. 1 statement. */
export async function usedIds(
  { db, tenant }: { db: TransactionClient; tenant: string },
  columns: readonly (readonly [table: string, column: string])[],
  ids: readonly string[],
): Promise<Set<string>> {
  const queries = columns.map(
    ([table, column]) => `SELECT ${column} AS id FROM ${table} WHERE tenant_id = $1 AND ${column} = ANY($2)`,
  );
  const found = await db.$queryRawUnsafe<{ id: string }[]>(queries.join(' UNION '), tenant, ids);
  return new Set(found.map(({ id }) => id));
}

/** Locks records against deletion, and returns the ids of those that exist. 1 statement, none without ids. */
export async function lockIds(
  { db, tenant }: { db: TransactionClient; tenant: string },
  table: string,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const found = await db.$queryRawUnsafe<{ id: string }[]>(
    `SELECT id FROM ${table} WHERE tenant_id = $1 AND id = ANY($2) ORDER BY id FOR KEY SHARE`,
    ...[tenant, [...new Set(ids)]],
  );
  return new Set(found.map(({ id }) => id));
}

/** Returns the different texts of a list that are not empty. */
export function distinct(texts: readonly (string | null | undefined)[]): string[] {
  return [...new Set(texts.filter((text) => text !== undefined && text !== null && text !== ''))] as string[];
}

function columnsOf<Kind extends ImportKind>({ columns }: KindTable<Kind>): [ColumnOf<Kind>, KindColumn][] {
  return Object.entries(columns) as [ColumnOf<Kind>, KindColumn][];
}

function writtenValue([field, { cast }]: readonly [string, KindColumn]): string {
  return `new."${field}"${cast === undefined ? '' : `::${cast}`}`;
}

function definitions(columns: readonly (readonly [string, KindColumn])[]): string {
  return columns.map(([field, { type }]) => `"${field}" ${type}`).join(', ');
}
