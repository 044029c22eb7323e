/** The status of imports and exports. */
import { type BaseScope, jobServices, readJob } from '../platform/jobs/index.ts';

/** The states of an import or export. */
export const transferStatuses = ['queued', 'running', 'done', 'failed'] as const;

/** The row of an import or export. Its job has the same id. */
interface Transfer {
  id: string;
  status: 'queued' | 'running' | 'done';
}

/**
 * Returns the status of an import or export. The row shows the progress, but only the record of the job shows that the
 * job has failed. If the record cannot be read, the status of the row is returned. 1 request, 2 commands; no request if
 * the row is done.
 */
export async function statusOf(scope: BaseScope, tenant: string, { id, status }: Transfer) {
  if (status === 'done') return status;
  const record = await readJob(jobServices(scope), tenant, id).catch(() => null);
  return record?.state === 'dead' || record?.state === 'cancelled' ? 'failed' : status;
}
