/** The status of an import. */
import type { BaseScope } from '../../platform/jobs/index.ts';
import { statusOf } from '../transfer.ts';
import type { ImportAnswer } from './schema.ts';

/**
 * Returns the status of an import. While its job is under way, only the record of the job shows that the job has failed.
 * 1 request, 2 commands; no request in the other states.
 */
export async function importStatusOf(
  scope: BaseScope,
  tenant: string,
  { id, status }: { id: string; status: ImportAnswer['status'] },
): Promise<ImportAnswer['status']> {
  return status === 'queued' || status === 'running' ? statusOf(scope, tenant, { id, status }) : status;
}
