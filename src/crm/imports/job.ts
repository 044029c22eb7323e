/**
 * The job that imports a file. First it reads the pieces of a large file, one per slice; then it imports one chunk of
 * rows per slice. Each slice is one transaction, which writes the records, adds the counts and deletes the chunk. So
 * after a crash a chunk is either done or not begun, and the counts match the records.
 */
import { z } from '@hono/zod-openapi';
import { lockRow, type Transaction } from '../../platform/db/index.ts';
import { cancel, continueWith, job } from '../../platform/jobs/index.ts';
import { loadFields } from '../fields/custom.ts';
import type { Field } from '../fields/field.ts';
import { recordImport } from './activity.ts';
import { applyRows } from './apply.ts';
import type { Decision } from './decide.ts';
import { kinds } from './kinds/index.ts';
import { goodRows } from './kinds/rows.ts';
import { customFieldsOf, readRow } from './read/index.ts';
import type { FilePlan, ImportKind, SourceRow } from './read/plan.ts';
import { isReading, readPiece } from './read-piece.ts';
import { type Rejection, reasonsOf, rejectedRows } from './rejection.ts';

/** The maximum number of rejections that the import itself shows; the file of rejected rows has all. */
const SHOWN_REJECTIONS = 100;

/** The counts of an import so far. */
export interface ImportCounts {
  rows: number;
  imported: number;
  updated: number;
  unchanged: number;
  rejected: number;
  incomplete: number;
  companiesCreated: number;
}

/** A slice reads the piece with this number, or imports the chunk with this number. */
const cursorSchema = z.union([z.int(), z.object({ read: z.int() })]);

const input = z.object({ importId: z.string() });

function jobsOf(kind: ImportKind) {
  const write = job(`${kind}.import`, {
    input,
    concurrency: 10,
    live: true,
    async run({ importId }, { cursor, transaction, progress }) {
      const at = cursorSchema.optional().parse(cursor);
      const slice = await transaction('rows', (tx) => importSlice(tx, importId, at));
      if (typeof slice === 'string') return cancel(slice);
      await progress(slice.counts);
      return slice.next === null ? slice.counts : continueWith(slice.next);
    },
  });
  // The deletion of all that an import still keeps. The job runs a week after the upload.
  const forget = job(`${kind}.import.forget`, {
    input,
    priority: 'low',
    run: ({ importId }, { transaction, tenant }) =>
      transaction('forget', async ({ db }) => {
        const where = { tenantId: tenant.tenant, importId };
        await db.importPiece.deleteMany({ where });
        await db.importReject.deleteMany({ where });
        await db.importChange.deleteMany({ where });
        return (await db.importChunk.deleteMany({ where })).count;
      }),
  });
  return { write, forget };
}

/** The jobs of each kind: `write` imports a file, `forget` deletes what the import keeps. */
export const importJobs = { contacts: jobsOf('contacts'), companies: jobsOf('companies'), deals: jobsOf('deals') };

interface Slice {
  counts: ImportCounts;
  /** The cursor of the next slice; `null` after the last one. */
  next: number | { read: number } | null;
}

/** Does the next slice. Returns the reason if there is nothing to do. */
async function importSlice(
  tx: Transaction,
  id: string,
  at: z.infer<typeof cursorSchema> | undefined,
): Promise<Slice | string> {
  // A cancellation waits for the slice, and the next slice sees it.
  if (!(await lockRow(tx.db, 'imports', tx.tenant, id))) return 'IMPORT_GONE';
  const stored = await tx.db.import.findUniqueOrThrow({ where: { tenantId_id: { tenantId: tx.tenant, id } } });
  if (stored.status !== 'queued' && stored.status !== 'running') return 'IMPORT_ENDED';
  const { reader } = stored;
  if (isReading(reader)) {
    const { rows, isLast, failure } = await readPiece(tx, { ...stored, reader });
    if (failure !== null) return failure;
    const done = typeof at === 'object' ? at.read : 0;
    return { counts: { ...countsOf(stored), rows }, next: isLast ? 0 : { read: done + 1 } };
  }
  // The cast is safe: only this folder writes the column.
  return importChunk(tx, stored, stored.plan as unknown as FilePlan, typeof at === 'number' ? at : 0);
}

type StoredImport = NonNullable<Awaited<ReturnType<Transaction['db']['import']['findUnique']>>>;

/**
 * Returns the custom fields that columns of the file fill, as they are defined now. 1 statement, none if no column fills
 * one.
 */
async function currentFields({ db, tenant }: Transaction, plan: FilePlan): Promise<Field[]> {
  const planned = customFieldsOf(plan);
  if (planned.length === 0) return [];
  const known = await loadFields(db, tenant, kinds[plan.kind].entity);
  return known.filter(({ id }) => planned.some((field) => field.id === id));
}

/** Imports one chunk, and returns the reason if the chunk does not exist. */
async function importChunk<Kind extends ImportKind>(
  tx: Transaction,
  stored: StoredImport,
  plan: FilePlan<Kind>,
  seq: number,
): Promise<Slice | string> {
  const { id } = stored;
  const key = { tenantId: tx.tenant, importId: id, seq };
  const chunk = await tx.db.importChunk.findUnique({ where: { tenantId_importId_seq: key } });
  if (!chunk) return 'IMPORT_GONE';
  // The cast is safe: only this folder writes the column, with values of this type.
  const rows = chunk.rows as unknown as SourceRow[];
  const fields = await currentFields(tx, plan);
  const read = rows.map((row) => readRow(row, plan, fields));
  const options = { ...stored, fields };
  const { decisions, companiesCreated, changes } = await applyRows(tx, kinds[plan.kind], goodRows(read), options);
  const byRow = new Map(decisions.map((decision) => [decision.row, decision]));
  const rejections = read.flatMap((one) => reasonsOf(one, byRow.get(one.row)));
  const counts = added(countsOf(stored), read, byRow, rejections);
  counts.companiesCreated += companiesCreated;
  const isLast = counts.imported + counts.updated + counts.unchanged + counts.rejected === stored.rows;
  const shown = [...(stored.rejections as unknown as Rejection[]), ...rejections].slice(0, SHOWN_REJECTIONS);
  await tx.db.import.update({
    where: { tenantId_id: { tenantId: tx.tenant, id } },
    data: {
      ...counts,
      rejections: shown.map((rejection) => ({ ...rejection })),
      status: isLast ? 'done' : 'running',
      ...(isLast ? { finishedAt: new Date(tx.system.now()) } : {}),
    },
    select: { id: true },
  });
  await tx.db.importChunk.delete({ where: { tenantId_importId_seq: key }, select: { seq: true } });
  if (rejections.length > 0) {
    const text = rejectedRows(plan, rows, rejections, byRow);
    await tx.db.importReject.create({ data: { ...key, text }, select: { seq: true } });
  }
  if (changes.length > 0) {
    const data = { ...key, rows: changes.map((change) => ({ ...change })) };
    await tx.db.importChange.create({ data, select: { seq: true } });
  }
  if (isLast) await recordImport(tx, { ...stored, ...counts });
  return { counts, next: isLast ? null : seq + 1 };
}

function countsOf(stored: ImportCounts): ImportCounts {
  const { rows, imported, updated, unchanged, rejected, incomplete, companiesCreated } = stored;
  return { rows, imported, updated, unchanged, rejected, incomplete, companiesCreated };
}

function added(
  counts: ImportCounts,
  rows: readonly { row: number }[],
  decisions: ReadonlyMap<number, Decision>,
  rejections: readonly Rejection[],
): ImportCounts {
  const sum = { ...counts };
  const withReason = new Set(rejections.map(({ row }) => row));
  for (const { row } of rows) {
    const outcome = decisions.get(row)?.outcome ?? 'rejected';
    sum[outcome] += 1;
    if (outcome !== 'rejected' && withReason.has(row)) sum.incomplete += 1;
  }
  return sum;
}
