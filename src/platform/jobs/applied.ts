/**
 * Effects in SQL, applied once: the write and the row that records it are one transaction, so neither exists without
 * the other, even if Redis loses data or a job runs several times.
 */
import type { PrismaClient, Transaction } from '../db/index.ts';
import type { TenantScope } from '../http/index.ts';

/** How long applied steps are remembered, in ms: longer than any message can come back. */
const REMEMBERED_MS = 30 * 86_400_000;

/**
 * Commits a write together with a row that says that it was made. Of two that try at once, the second waits for the
 * first's row and then finds it.
 * @returns the result of this write, or of the earlier one.
 */
export async function applyOnce(
  { tenant, commit }: TenantScope,
  jobId: string,
  step: string,
  now: number,
  work: (tx: Transaction) => Promise<string>,
): Promise<string> {
  return commit(async (tx) => {
    const row = { tenantId: tenant, jobId, step, result: '', appliedAt: new Date(now) };
    const where = { tenantId_jobId_step: { tenantId: tenant, jobId, step } };
    const { count } = await tx.db.jobStep.createMany({ data: [row], skipDuplicates: true });
    if (count === 0) return (await tx.db.jobStep.findUniqueOrThrow({ where })).result;
    const result = await work(tx);
    await tx.db.jobStep.update({ where, data: { result } });
    return result;
  });
}

/** Deletes the rows of old steps; resolves with how many. 1 query. */
export async function forgetSteps(client: PrismaClient, now: number): Promise<number> {
  const { count } = await client.jobStep.deleteMany({ where: { appliedAt: { lt: new Date(now - REMEMBERED_MS) } } });
  return count;
}
