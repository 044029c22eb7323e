/** The job that undoes an import, one chunk per slice. Each slice is one transaction, so a crash undoes nothing twice. */
import { z } from '@hono/zod-openapi';
import { lockRow, type Transaction } from '../../platform/db/index.ts';
import { cancel, continueWith, job } from '../../platform/jobs/index.ts';
import { recordActivity } from '../activities/record.ts';
import type { Change } from './changes.ts';
import { kinds } from './kinds/index.ts';
import { lockImports } from './lock.ts';
import type { ImportKind } from './read/plan.ts';
import { type ImportAnswer, MOST_LISTED } from './schema.ts';
import { undoChanges } from './undo.ts';

type UndoCounts = NonNullable<ImportAnswer['undo']>;

const input = z.object({ importId: z.string(), actorId: z.string().nullable() });

const jobOf = (kind: ImportKind) =>
  job(`${kind}.import.undo`, {
    input,
    concurrency: 10,
    async run({ importId, actorId }, { cursor = 0, transaction, progress }) {
      const counts = await transaction('undo', (tx) => undoLastChunk(tx, importId, actorId));
      if (!counts) return cancel('IMPORT_ENDED');
      const { records: _records, ...undo } = counts.undo;
      await progress(undo);
      return counts.isLast ? undo : continueWith(z.int().parse(cursor) + 1);
    },
  });

/** The jobs that undo imports, by kind. */
export const undoJobs = { contacts: jobOf('contacts'), companies: jobOf('companies'), deals: jobOf('deals') };

/** Undoes the last chunk that is not undone yet; `null` if the import is not being undone. */
async function undoLastChunk(
  tx: Transaction,
  id: string,
  actorId: string | null,
): Promise<{ undo: UndoCounts; isLast: boolean } | null> {
  if (!(await lockRow(tx.db, 'imports', tx.tenant, id))) return null;
  const where = { tenantId_id: { tenantId: tx.tenant, id } };
  const stored = await tx.db.import.findUniqueOrThrow({ where, select: { kind: true, status: true, undo: true } });
  if (stored.status !== 'undoing') return null;
  await lockImports(tx);
  const chunks = await tx.db.importChange.findMany({
    where: { tenantId: tx.tenant, importId: id },
    orderBy: { seq: 'desc' },
    take: 2,
    select: { seq: true },
  });
  const [chunk] = chunks;
  // The casts are safe: only this folder writes these columns, with values of these types.
  const before = stored.undo as unknown as UndoCounts;
  const undo = chunk ? await undoChunk(tx, id, chunk.seq, before, actorId) : before;
  const isLast = chunks.length < 2;
  const status = isLast ? 'undone' : 'undoing';
  await tx.db.import.update({ where, data: { status, undo: { ...undo } }, select: { id: true } });
  if (isLast) {
    const data = { removed: String(undo.removed), restored: String(undo.restored) };
    await recordActivity(tx, {
      verb: 'importUndone',
      entityType: kinds[stored.kind].entity,
      entityId: id,
      data,
      actorId,
    });
  }
  return { undo, isLast };
}

async function undoChunk(
  tx: Transaction,
  importId: string,
  seq: number,
  before: UndoCounts,
  actorId: string | null,
): Promise<UndoCounts> {
  const where = { tenantId_importId_seq: { tenantId: tx.tenant, importId, seq } };
  const { rows } = await tx.db.importChange.delete({ where, select: { rows: true } });
  const { removed, restored, kept } = await undoChanges(tx, rows as unknown as Change[], { actorId });
  const listed = new Map([...before.records, ...kept].map((record) => [record.id, record]));
  return {
    removed: before.removed + removed,
    restored: before.restored + restored,
    // A record that several chunks have changed is counted once, if it is among the listed records.
    kept: before.kept + kept.filter(({ id }) => !before.records.some((record) => record.id === id)).length,
    records: [...listed.values()].slice(0, MOST_LISTED),
  };
}
