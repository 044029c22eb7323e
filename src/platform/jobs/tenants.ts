/** A schedule's work for every tenant, in sequence. A failure for one tenant does not stop the work for the next. */
import { JobError } from './errors.ts';
import type { ScheduleContext } from './schedule.ts';
import type { JobScope, JobTenant } from './scope.ts';

const TENANTS_AT_A_TIME = 200;

/** Tenants by id, in ascending order. A schedule whose work concerns few tenants passes a source of these. */
type TenantSource = Pick<JobScope, 'tenantsAfter' | 'tenant'>;

/**
 * Calls `work` for each tenant, in the order of the ids. 1 query for each 200 tenants, and the cost of `work`.
 * @returns the number of tenants.
 * @throws {JobError} `JOB_PARTLY_FAILED` at the end, if `work` failed for some tenants; each failure is logged. The
 * schedule may run again after this error, so `work` must be repeatable.
 */
export async function forEachTenant(
  { scope, signal, log }: Pick<ScheduleContext, 'signal' | 'log'> & { scope: TenantSource },
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
