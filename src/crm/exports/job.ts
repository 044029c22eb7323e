/** Converts a value to the form of answers. An ETag is a hash of the text of this form. */
import { z } from '@hono/zod-openapi';
import type { Transaction, TransactionClient } from '../../platform/db/index.ts';
import { cancel, continueWith, job } from '../../platform/jobs/index.ts';
import { csvRow } from '../../platform/rest/index.ts';
import { loadFields } from '../fields/custom.ts';
import type { StoredValues } from '../fields/field.ts';
import { askedValuesSchema } from '../fields/filter.ts';
import type { ExportTable } from './table.ts';
import { exportTables } from './tables.ts';

const ROWS_PER_SLICE = 1000;
/** The maximum number of rows in one file. */
export const MOST_EXPORTED = 1_000_000;

const input = z.object({ exportId: z.string() });
// `fields` has the ids of the custom fields that are columns of the file, as they were when it began.
const cursorSchema = z.object({ seq: z.int(), after: z.string(), fields: z.array(z.string()).default([]) });
/** The filters of the list by their names, and the values of custom fields. */
const storedFilterSchema = z.looseObject({ custom: askedValuesSchema.default([]) });
const first: Part = { seq: 0, after: '', fields: null };

/** The place where a part begins. */
interface Part {
  seq: number;
  after: string;
  fields: readonly string[] | null;
}

function jobsOf(table: ExportTable) {
  const write = job(`${table.kind}.export`, {
    input,
    concurrency: 10,
    live: true,
    async run({ exportId }, { cursor, transaction, progress }) {
      const from = cursor === undefined ? first : cursorSchema.parse(cursor);
      const part = await transaction('rows', (tx) => exportPart(tx, table, exportId, from));
      if (!part) return cancel('EXPORT_GONE');
      await progress({ rows: part.rows });
      return part.after === null
        ? { rows: part.rows }
        : continueWith({ seq: from.seq + 1, after: part.after, fields: part.fields });
    },
  });
  // The deletion of an exported file. The job runs a week after the export.
  const forget = job(`${table.kind}.export.forget`, {
    input,
    priority: 'low',
    run: ({ exportId }, { transaction, tenant }) =>
      transaction('forget', async ({ db }) => {
        return (await db.export.deleteMany({ where: { tenantId: tenant.tenant, id: exportId } })).count;
      }),
  });
  return { write, forget };
}

/** The jobs of each kind: `write` writes the file, `forget` deletes it. */
export const exportJobs = {
  contacts: jobsOf(exportTables.contacts),
  companies: jobsOf(exportTables.companies),
  deals: jobsOf(exportTables.deals),
  tasks: jobsOf(exportTables.tasks),
};

/**
 * Writes one part: the rows whose ids come after `after`. Returns the last id of the part as the new `after`; `null`
 * after the last part. Returns `null` if the export does not exist.
 */
async function exportPart(
  { db, tenant, system }: Transaction,
  table: ExportTable,
  id: string,
  { seq, after, fields }: Part,
): Promise<{ rows: number; after: string | null; fields: string[] } | null> {
  const where = { tenantId_id: { tenantId: tenant, id } };
  const found = await db.export.findUnique({ where });
  if (!found) return null;
  const take = Math.min(ROWS_PER_SLICE, MOST_EXPORTED - found.rows);
  const { custom, ...filter } = storedFilterSchema.parse(found.filter);
  const part = await table.read({ client: db, tenant, order: 'asc', after, limit: take }, filter, custom);
  const rows = found.rows + part.length;
  // A search finds ids first. A row that is deleted before it is read makes a part shorter, and this is not the end.
  const least = filter['search'] === undefined ? ROWS_PER_SLICE : 1;
  const isLast = part.length < least || rows >= MOST_EXPORTED;
  const columns = await customColumns(db, tenant, table, fields);
  const lines = part.map(({ cells, custom }) => csvRow([...cells, ...columns.map((column) => cellOf(custom, column))]));
  // Excel needs the byte order mark to read UTF-8.
  const text = `${seq === 0 ? `\uFEFF${csvRow([...table.columns, ...columns.map(({ name }) => name)])}` : ''}${lines.join('')}`;
  if (text !== '') {
    await db.exportChunk.create({ data: { tenantId: tenant, exportId: id, seq, text }, select: { seq: true } });
  }
  const end = isLast ? { status: 'done' as const, finishedAt: new Date(system.now()) } : { status: 'running' as const };
  await db.export.update({ where, data: { rows, ...end } });
  return { rows, after: isLast ? null : (part.at(-1)?.id ?? null), fields: columns.map(({ id }) => id) };
}

/**
 * Returns the custom fields that are columns of a file. A later part has the columns of the first one: a new field is
 * left out, and the cells of a deleted one, whose name is `null` here, are empty.
 */
async function customColumns(
  db: TransactionClient,
  tenant: string,
  { custom }: ExportTable,
  fixed: readonly string[] | null,
): Promise<{ id: string; name: string | null }[]> {
  if (custom === undefined || fixed?.length === 0) return [];
  const known = await loadFields(db, tenant, custom);
  return fixed === null ? known : fixed.map((id) => known.find((field) => field.id === id) ?? { id, name: null });
}

/** Returns the cell of a custom field; empty for a row without a value. */
function cellOf(custom: unknown, { id, name }: { id: string; name: string | null }): string | null {
  const value = (custom as StoredValues)[id];
  return name === null || value === undefined ? null : String(value);
}
