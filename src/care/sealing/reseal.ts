/**
 * The rotation of the sealing key. The new key is put in front of `SEAL_KEYS`, and the old ones stay behind it, so every
 * text can be opened and every patient found all the time. A job then seals the texts of each tenant again, in slices;
 * after a failure it goes on where it stopped. When it has ended, the old key may be removed.
 */
import { z } from 'zod';
import type { Transaction } from '../../platform/db/index.ts';
import { continueWith, enqueue, forEachTenant, job, schedule } from '../../platform/jobs/index.ts';
import type { SqlStore } from '../../platform/sql/index.ts';
import {
  birthYearDigests,
  nameDigests,
  numberDigests,
  openColumn,
  requireSealer,
  type SealedColumn,
  type Sealing,
  sealColumn,
} from './columns.ts';

const ROWS_PER_SLICE = 100;

/** A table with sealed columns. */
interface SealedTable {
  name: string;
  /** The columns of the primary key behind the tenant, with their types. Their values name the row of a seal. */
  keys: readonly [column: string, type: 'text' | 'int'][];
  columns: readonly string[];
  /** Returns more columns that depend on the key: digests. */
  digests?(services: Sealing, opened: Readonly<Record<string, string>>): Promise<Record<string, string | string[]>>;
}

const TABLES: readonly SealedTable[] = [
  {
    name: 'patients',
    keys: [['id', 'text']],
    columns: ['sealed_number', 'sealed_name', 'sealed_birth', 'sealed_contact'],
    async digests(services, { sealed_number = '', sealed_name = '', sealed_birth = '' }) {
      const [[number = ''], [year = ''], words] = await Promise.all([
        numberDigests(services, sealed_number),
        birthYearDigests(services, sealed_birth.slice(0, 4)),
        nameDigests(services, sealed_name),
      ]);
      return {
        number_digest: number,
        birth_year_digest: year,
        name_tokens: words.map(([digest = '']) => digest),
      };
    },
  },
  {
    name: 'medical_record_versions',
    keys: [
      ['record_id', 'text'],
      ['version', 'int'],
    ],
    columns: ['sealed_body'],
  },
  { name: 'break_glass', keys: [['id', 'text']], columns: ['sealed_reason'] },
  { name: 'patient_exports', keys: [['id', 'text']], columns: ['sealed_file'] },
  { name: 'appointments', keys: [['id', 'text']], columns: ['sealed_reason'] },
  { name: 'ledger_transactions', keys: [['id', 'text']], columns: ['sealed_memo'] },
];

type Row = Record<string, string | number | null>;
/** The place of the next slice: the table, and the key of the last row. */
const cursorSchema = z
  .object({ table: z.int(), after: z.array(z.union([z.string(), z.number()])).nullable(), rows: z.int() })
  .default({ table: 0, after: null, rows: 0 });

/** Seals the texts of a tenant again that are not sealed with the current key. */
export const resealJob = job('care.reseal', {
  input: z.object({}),
  priority: 'low',
  async run(_input, { cursor, transaction }) {
    const at = cursorSchema.parse(cursor);
    const table = TABLES[at.table];
    if (!table) return { rows: at.rows };
    const slice = await transaction('slice', (tx) => resealSlice(tx, table, at.after));
    const rows = at.rows + slice.rows;
    return continueWith(
      slice.after === null ? { table: at.table + 1, after: null, rows } : { table: at.table, after: slice.after, rows },
    );
  },
});

/** Seals some rows of a table again. 1 statement to read, and 1 for each row. Returns the key of the last row. */
async function resealSlice(
  tx: Transaction,
  table: SealedTable,
  after: readonly (string | number)[] | null,
): Promise<{ rows: number; after: (string | number)[] | null }> {
  const { name, keys, columns } = table;
  const place = keys.map(([column]) => column).join(', ');
  const old = columns.map((column) => `left(${column}, length($2)) <> $2`).join(' OR ');
  const begin = after ? `AND (${place}) > (${keys.map(([, type], index) => `$${index + 3}::${type}`).join(', ')})` : '';
  const rows = await tx.query<Row>(
    `SELECT ${place}, ${columns.join(', ')} FROM ${name} WHERE tenant_id = $1 AND (${old}) ${begin}
     ORDER BY ${place} LIMIT ${ROWS_PER_SLICE} FOR UPDATE`,
    [tx.tenant, requireSealer(tx).currentPrefix, ...(after ?? [])],
  );
  for (const row of rows) await resealRow(tx, table, row);
  const last = rows.length < ROWS_PER_SLICE ? undefined : rows.at(-1);
  return { rows: rows.length, after: last ? keys.map(([column]) => last[column] ?? '') : null };
}

async function resealRow(tx: Transaction, { name, keys, columns, digests }: SealedTable, row: Row): Promise<void> {
  const id = keys.map(([column]) => row[column]).join('/');
  const opened: Record<string, string> = {};
  const written: Record<string, string | string[]> = {};
  for (const column of columns) {
    const sealed = row[column];
    if (typeof sealed !== 'string') continue;
    const place = `${name}.${column}` as SealedColumn;
    opened[column] = await openColumn(tx, place, id, sealed);
    written[column] = await sealColumn(tx, place, id, opened[column]);
  }
  Object.assign(written, await digests?.(tx, opened));
  const values = Object.values(written);
  const set = Object.keys(written).map((column, index) => `${column} = $${index + 1}`);
  const where = keys.map(([column, type], index) => `${column} = $${values.length + 2 + index}::${type}`);
  await tx.query(
    `UPDATE ${name} SET ${set.join(', ')} WHERE tenant_id = $${values.length + 1} AND ${where.join(' AND ')}`,
    [...values, tx.tenant, ...keys.map(([column]) => row[column] ?? '')],
  );
}

/** Starts the job each night for each tenant that has a text under an older key. */
export const resealSchedule = schedule('care.reseal', {
  cron: '40 2 * * *',
  async run(context) {
    const { scope } = context;
    const prefix = scope.sealer?.currentPrefix;
    if (prefix === undefined) return { tenants: 0 };
    let tenants = 0;
    await forEachTenant(context, async (tenant) => {
      if (!(await hasOld(scope.store, tenant.tenant, prefix))) return;
      tenants += 1;
      await enqueue(tenant, resealJob, {}, { id: `reseal-${context.tick}-${tenant.tenant}` });
    });
    return { tenants };
  },
});

/** Returns whether a tenant has a text under an older key. 1 statement. */
async function hasOld(store: SqlStore, tenant: string, prefix: string): Promise<boolean> {
  const parts = TABLES.map(({ name, columns }) => {
    const old = columns.map((column) => `left(${column}, length($2)) <> $2`).join(' OR ');
    return `EXISTS (SELECT 1 FROM ${name} WHERE tenant_id = $1 AND (${old}))`;
  });
  const [row] = await store.query<{ old: boolean }>(`SELECT ${parts.join(' OR ')} AS old`, [tenant, prefix]);
  return row?.old === true;
}
