/** Work of schedules for every tenant: one after the other, and a failure for one does not stop the others. */
import { JobError } from './errors.ts';
import type { ScheduleContext } from './schedule.ts';
import type { JobTenant } from './scope.ts';

const TENANTS_AT_A_TIME = 200;

/**
 * Does something for each tenant, in order of their ids. 1 query for each 200 of them, and what the work costs.
 * @returns how many there were.
 * @throws {JobError} `JOB_PARTLY_FAILED` after all have had their turn, if it failed for some; each is logged. So the
 * work must be one that may be done again.
 */
export async function forEachTenant(
  { scope, signal, log }: Pick<ScheduleContext, 'scope' | 'signal' | 'log'>,
  work: (tenant: JobTenant) => Promise<unknown>,
): Promise<number> {
  let count = 0;
  let failed = 0;
  for (let after = ''; ; ) {
    const tenants = await scope.tenantsAfter(after, TENANTS_AT_A_TIME);
    for (const id of tenants) {
      signal.throwIfAborted();
      count += 1;
      try {
        await work(scope.tenant(id));
      } catch (error) {
        failed += 1;
        log.error('schedules.tenant_failed', { tenant: id, error });
      }
    }
    const last = tenants.at(-1);
    if (!last || tenants.length < TENANTS_AT_A_TIME) break;
    after = last;
  }
  if (failed > 0) throw new JobError('JOB_PARTLY_FAILED', `It failed for ${failed} of ${count} tenants`);
  return count;
}
