/** `/imports/{id}/cancel` and `/imports/{id}/undo`. */
import { lockRow, type Transaction } from '../../platform/db/index.ts';
import { createRouter, notFound, ProblemError } from '../../platform/http/index.ts';
import { type BaseScope, enqueue, jobServices, replayJob } from '../../platform/jobs/index.ts';
import { command, oneSchema } from '../../platform/rest/index.ts';
import { recordImport } from './activity.ts';
import { toImport } from './answer.ts';
import { KEPT_MS } from './create.ts';
import { tag } from './routes.ts';
import { importSchema } from './schema.ts';
import { importStatusOf, undoJobId } from './status.ts';
import { undoJobs } from './undo-job.ts';

export const endingRoutes = createRouter();

/** The time after its end in which an import can be undone, in ms. */
const UNDO_MS = 86_400_000;

const one = { tag, access: 'crm:write', answer: importSchema, params: oneSchema, problems: [404] } as const;

command(endingRoutes, {
  ...one,
  id: 'imports.cancel',
  path: '/imports/{id}/cancel',
  summary: 'Cancel an import',
  cost: { statements: 5 },
  description: 'Rows that are imported stay, and can be undone. The other rows are deleted.',
  effect: 'The cancelled import',
  run: async ({ params: { id } }, { tenant }) => {
    const row = await tenant.commit(async (tx) => {
      const stored = await lockImport(tx, id);
      if (!['uploading', 'queued', 'running'].includes(stored.status)) {
        throw new ProblemError(409, 'IMPORT_ENDED', `The import cannot be cancelled, because it is ${stored.status}`);
      }
      const where = { tenantId: tx.tenant, importId: id };
      await tx.db.importPiece.deleteMany({ where });
      await tx.db.importChunk.deleteMany({ where });
      if (stored.imported + stored.updated > 0) await recordImport(tx, stored);
      return change(tx, id, { status: 'cancelled', finishedAt: new Date(tx.system.now()) });
    });
    return toImport(row, row.status);
  },
});

command(endingRoutes, {
  ...one,
  id: 'imports.undo',
  path: '/imports/{id}/undo',
  summary: 'Undo an import',
  cost: { requests: 2, commands: 4, statements: 5, messages: 1 },
  description:
    'New records are removed and changed records get their old values, in the background. Records that have changed ' +
    'since the import stay as they are and are listed in `undo`. Possible for a day after the end of the import. An undo ' +
    'that has failed (`undoFailed`) goes on where it ended.',
  status: 202,
  effect: 'The import',
  run: async ({ params: { id } }, { tenant, scope }) => {
    const { row, isBegun } = await tenant.commit(async (tx) => {
      const stored = await lockImport(tx, id);
      if (stored.status === 'undoing') {
        requireAge(tx, stored.createdAt, KEPT_MS, 'The changes of the import are no longer kept');
        return { row: stored, isBegun: true };
      }
      if (stored.status !== 'done' && stored.status !== 'cancelled') {
        throw notEnded(stored.status);
      }
      requireAge(tx, stored.finishedAt, UNDO_MS, 'The import ended more than a day ago');
      await enqueue(tx, undoJobs[stored.kind], { importId: id, actorId: tx.actorId }, { id: undoJobId(id) });
      const undo = { removed: 0, restored: 0, kept: 0, records: [] };
      return { row: await change(tx, id, { status: 'undoing', undo }), isBegun: false };
    });
    if (isBegun) await undoAgain(scope, tenant.tenant, row);
    return toImport(row, row.status);
  },
});

/**
 * Queues the failed job of an undo again, under its own id: it goes on with the chunks that are left.
 * @throws {ProblemError} 409 if the job has not failed.
 */
async function undoAgain(scope: BaseScope, tenant: string, row: Parameters<typeof importStatusOf>[2]): Promise<void> {
  const status = await importStatusOf(scope, tenant, row);
  if (status !== 'undoFailed') throw notEnded(status);
  await replayJob(jobServices(scope), tenant, undoJobId(row.id));
}

/** @throws {ProblemError} 409 if more than this time has passed since a moment. */
function requireAge({ system }: Transaction, since: Date | null, most: number, detail: string): void {
  if (system.now() - (since?.getTime() ?? 0) > most) throw new ProblemError(409, 'UNDO_TOO_LATE', detail);
}

function notEnded(status: string): ProblemError {
  return new ProblemError(409, 'IMPORT_NOT_ENDED', `The import cannot be undone, because it is ${status}`);
}

/**
 * Locks an import, after the slice that may be running.
 * @throws {ProblemError} 404 if the import does not exist.
 */
async function lockImport(tx: Transaction, id: string) {
  if (!(await lockRow(tx.db, 'imports', tx.tenant, id))) throw notFound('import');
  return tx.db.import.findUniqueOrThrow({ where: { tenantId_id: { tenantId: tx.tenant, id } } });
}

function change(tx: Transaction, id: string, data: Parameters<typeof tx.db.import.update>[0]['data']) {
  return tx.db.import.update({ where: { tenantId_id: { tenantId: tx.tenant, id } }, data });
}
