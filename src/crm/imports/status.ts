/** The status of an import. */
import type { BaseScope } from '../../platform/jobs/index.ts';
import { statusOf } from '../transfer.ts';
import type { ImportAnswer } from './schema.ts';

/** Returns the id of the job that undoes an import. */
export function undoJobId(importId: string): string {
  return `${importId}-undo`;
}

/**
 * Returns the status of an import. While one of its jobs is under way, only the record of the job shows that the job has
 * failed. 1 request, 2 commands; no request in the other states.
 */
export async function importStatusOf(
  scope: BaseScope,
  tenant: string,
  { id, status }: { id: string; status: ImportAnswer['status'] },
): Promise<ImportAnswer['status']> {
  if (status === 'queued' || status === 'running') return statusOf(scope, tenant, { id, status });
  if (status !== 'undoing') return status;
  const undo = await statusOf(scope, tenant, { id: undoJobId(id), status: 'running' });
  return undo === 'failed' ? 'undoFailed' : status;
}
