/**
 * The job that imports a file, one chunk of rows per slice. Each slice is one transaction, which writes the contacts,
 * adds the counts and deletes the chunk. So after a crash a chunk is either done or not begun, and the counts match the
 * contacts.
 */
import { z } from '@hono/zod-openapi';
import type { Transaction } from '../../platform/db/index.ts';
import { cancel, continueWith, job } from '../../platform/jobs/index.ts';
import { recordActivity } from '../activities/record.ts';
import { applyRows, type Tally } from './apply.ts';
import type { Column, WaitingRow } from './file.ts';
import { type ContactRow, type Rejection, readRow } from './rows.ts';

/** The maximum number of rejections that are stored. */
const KEPT_REJECTIONS = 100;

/** The counts of an import so far. */
export interface ImportCounts extends Omit<Tally, 'rejections'> {
  rows: number;
  rejected: number;
}

export const importContacts = job('contacts.import', {
  input: z.object({ importId: z.string() }),
  concurrency: 10,
  live: true,
  async run({ importId }, { cursor = 0, transaction, progress }) {
    const seq = z.int().parse(cursor);
    const counts = await transaction('rows', (tx) => importChunk(tx, importId, seq));
    if (!counts) return cancel('IMPORT_GONE');
    await progress(counts);
    const done = counts.imported + counts.updated + counts.unchanged + counts.rejected;
    return done < counts.rows ? continueWith(seq + 1) : counts;
  },
});

/** Deletes the remaining chunks of an abandoned import. The job runs a week after the upload. */
export const forgetImport = job('contacts.import.forget', {
  input: z.object({ importId: z.string() }),
  priority: 'low',
  run: ({ importId }, { transaction, tenant }) =>
    transaction('forget', async ({ db }) => {
      return (await db.importChunk.deleteMany({ where: { tenantId: tenant.tenant, importId } })).count;
    }),
});

/** Imports one chunk and returns the counts so far; `null` if the import or the chunk does not exist. */
async function importChunk(tx: Transaction, id: string, seq: number): Promise<ImportCounts | null> {
  const key = { tenantId: tx.tenant, id };
  const where = { tenantId_id: key };
  const wanted = { tenantId: tx.tenant, importId: id, seq };
  const stored = await tx.db.import.findUnique({ where });
  const chunk = stored && (await tx.db.importChunk.findUnique({ where: { tenantId_importId_seq: wanted } }));
  if (!chunk) return null;
  // The cast is safe: only the route in `routes.ts` writes both columns, with values of these types.
  const columns = stored.fields as unknown as Column[];
  const read = (chunk.rows as unknown as WaitingRow[]).map((row) => readRow(row, columns));
  const good = read.filter((row): row is ContactRow => !Array.isArray(row));
  const { rejections: refused, ...tally } = await applyRows(tx, good, stored);
  const rejections = [...read.flatMap((row) => (Array.isArray(row) ? row : [])), ...refused];
  const earlier = stored.rejections as unknown as Rejection[];
  const counts: ImportCounts = {
    rows: stored.rows,
    imported: stored.imported + tally.imported,
    updated: stored.updated + tally.updated,
    unchanged: stored.unchanged + tally.unchanged,
    companiesCreated: stored.companiesCreated + tally.companiesCreated,
    rejected: stored.rejected + new Set(rejections.flatMap(({ row, kept }) => (kept ? [] : [row]))).size,
  };
  const done = counts.imported + counts.updated + counts.unchanged + counts.rejected;
  const isLast = done === stored.rows;
  const kept = [...earlier, ...rejections.toSorted((one, other) => one.row - other.row)].slice(0, KEPT_REJECTIONS);
  await tx.db.import.update({
    where,
    data: {
      ...counts,
      rejections: kept.map((rejection) => ({ ...rejection })),
      status: isLast ? 'done' : 'running',
      ...(isLast ? { finishedAt: new Date(tx.system.now()) } : {}),
    },
  });
  await tx.db.importChunk.delete({ where: { tenantId_importId_seq: wanted } });
  if (isLast) {
    // The whole file is recorded as one activity, because the feed shows actions of users and not rows.
    const data = { imported: String(counts.imported), updated: String(counts.updated) };
    const about = { verb: 'imported', entityType: 'contact', entityId: id, data } as const;
    await recordActivity(tx, { ...about, actorId: stored.actorId });
  }
  return counts;
}
