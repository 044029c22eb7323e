/** The table `documents`: the rows of durable documents. */
import type { SqlValue } from '../sql/index.ts';
import type { JsonObject } from './json.ts';

/** The key of a row. `id` has the ids of the document, with slashes between them. */
export interface DocumentRowKey {
  tenant: string;
  name: string;
  id: string;
}

/** A stored document. The version counts the writes of the row; 0 is a document that does not exist. */
export interface DocumentRow {
  value: JsonObject;
  version: number;
}

/** The part of a database or of a transaction that sends statements. */
export interface Statements {
  query<Row extends object>(text: string, values: readonly SqlValue[]): Promise<Row[]>;
}

/** Loads a document. 1 statement. */
export async function loadRow(store: Statements, { tenant, name, id }: DocumentRowKey): Promise<DocumentRow> {
  const [row] = await store.query<DocumentRow>(
    'SELECT value, version FROM documents WHERE tenant_id = $1 AND name = $2 AND id = $3',
    [tenant, name, id],
  );
  return row ?? { value: {}, version: 0 };
}

/** Loads the documents of several owners. 1 statement. */
export function loadRows(
  tx: Statements,
  { tenant, name }: Omit<DocumentRowKey, 'id'>,
  ids: readonly string[],
): Promise<{ id: string; value: JsonObject }[]> {
  return tx.query('SELECT id, value FROM documents WHERE tenant_id = $1 AND name = $2 AND id = ANY($3)', [
    tenant,
    name,
    ids,
  ]);
}

/** Locks and returns a document until the transaction ends. A document that does not exist is made. 1 statement. */
export async function lockRow(tx: Statements, key: DocumentRowKey, now: number): Promise<DocumentRow> {
  const [row] = await tx.query<DocumentRow>(
    `INSERT INTO documents (tenant_id, name, id, value, version, updated_at) VALUES ($1, $2, $3, '{}', 0, $4::timestamp)
     ON CONFLICT (tenant_id, name, id) DO UPDATE SET version = documents.version RETURNING value, version`,
    [key.tenant, key.name, key.id, new Date(now).toISOString()],
  );
  if (!row) throw new TypeError('An upsert returned no row');
  return row;
}

/** Replaces a locked document, and returns its new version. 1 statement. */
export async function writeRow(
  tx: Statements,
  { tenant, name, id }: DocumentRowKey,
  { value, version }: DocumentRow,
  now: number,
): Promise<number> {
  await tx.query(
    `UPDATE documents SET value = $4::jsonb, version = $5::int, updated_at = $6::timestamp
     WHERE tenant_id = $1 AND name = $2 AND id = $3`,
    [tenant, name, id, JSON.stringify(value), version + 1, new Date(now).toISOString()],
  );
  return version + 1;
}
