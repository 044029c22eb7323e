/** What files that come in and go out have in common. */
import type { Scope } from '../platform/http/index.ts';
import { jobServices, readJob } from '../platform/jobs/index.ts';

/** How far a file is. */
export const transferStatuses = ['queued', 'running', 'done', 'failed'] as const;

/** A row that a job of the same id works on. */
interface Transfer {
  id: string;
  status: 'queued' | 'running' | 'done';
}

/**
 * How far it is. The row says what has been done; that nobody goes on with it only the job's record knows, and if that
 * cannot be read the row's word stands. 1 request, 2 commands; none once it is done.
 */
export async function statusOf(scope: Scope, tenant: string, { id, status }: Transfer) {
  if (status === 'done') return status;
  const record = await readJob(jobServices(scope), tenant, id).catch(() => null);
  return record?.state === 'dead' || record?.state === 'cancelled' ? 'failed' : status;
}
