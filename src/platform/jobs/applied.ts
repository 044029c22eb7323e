/**
 * SQL effects that are applied once. The write, and a row that records the write, are one transaction. So the database
 * never has the write without the row or the row without the write, even if Redis loses data or a job runs several
 * times.
 */
import type { Commit } from '../cache/index.ts';
import type { Transaction } from '../outbox/index.ts';
import type { SqlStore } from '../sql/index.ts';

/** How long the rows of applied steps are kept, in ms: longer than QStash can redeliver a message. */
const REMEMBERED_MS = 30 * 86_400_000;

/**
 * Commits a write together with a row that records the write. If two processes try at the same time, the second
 * process waits for the row of the first, and then reads that row.
 * @returns the result of this write, or of the earlier write.
 */
export async function applyOnce<Tx>(
  store: SqlStore<Tx>,
  { tenant, commit }: { tenant: string; commit: Commit<Tx> },
  jobId: string,
  step: string,
  now: number,
  work: (tx: Transaction<Tx>) => Promise<string>,
): Promise<string> {
  const id = [tenant, jobId, step];
  return commit(async (tx) => {
    const taken = await store.query(TAKE_STEP, [...id, new Date(now).toISOString()], tx.db);
    if (taken.length === 0) return (await store.query<{ result: string }>(READ_RESULT, id, tx.db))[0]?.result ?? '';
    const result = await work(tx);
    await store.query(KEEP_RESULT, [...id, result], tx.db);
    return result;
  });
}

const TAKE_STEP = `
  INSERT INTO job_steps (tenant_id, job_id, step, result, applied_at) VALUES ($1, $2, $3, '', $4::timestamp)
  ON CONFLICT DO NOTHING RETURNING step`;
const READ_RESULT = 'SELECT result FROM job_steps WHERE tenant_id = $1 AND job_id = $2 AND step = $3';
const KEEP_RESULT = 'UPDATE job_steps SET result = $4 WHERE tenant_id = $1 AND job_id = $2 AND step = $3';

/** Deletes the rows of old steps, and returns the number of deleted rows. 1 statement. */
export async function forgetSteps(store: SqlStore, now: number): Promise<number> {
  const rows = await store.query<{ count: number }>(FORGET_STEPS, [new Date(now - REMEMBERED_MS).toISOString()]);
  return rows[0]?.count ?? 0;
}

const FORGET_STEPS = `
  WITH old AS (DELETE FROM job_steps WHERE applied_at < $1::timestamp RETURNING 1)
  SELECT count(*)::int AS count FROM old`;
