/** Wakes consumer groups: enqueues one job for each group, however many events have come. */
import { type BaseScope, enqueueNow } from '../jobs/index.ts';
import { consumersOf } from './consumer.ts';

/** After a wake-up, a group is not woken again for this time, unless its run has begun; in ms. */
export const WAKE_MS = 60_000;
/** The delay of a wake-up: the events of a burst are handled by one run. */
const DELAY = '1s';

/** A group of one tenant. */
export interface GroupPlace {
  tenant: string;
  /** The name of the stream. */
  name: string;
  group: string;
}

/**
 * Enqueues the jobs of groups. 1 request to Redis and 1 to QStash for each hundred groups. A failure is logged: the
 * schedule `streams.wake` wakes the groups of a watched stream again.
 * @returns whether all jobs are enqueued.
 */
export async function wake(scope: BaseScope, groups: readonly GroupPlace[]): Promise<boolean> {
  const jobs = groups.flatMap(({ tenant, name, group }) => {
    const consumer = consumersOf(name).find((each) => each.name === group);
    return consumer ? [{ tenant, job: consumer.job, input: {}, delay: DELAY } as const] : [];
  });
  if (jobs.length === 0) return true;
  try {
    const failed = await enqueueNow(scope, jobs);
    if (failed > 0) scope.log.warn('streams.not_woken', { groups: failed });
    return failed === 0;
  } catch (error) {
    scope.log.warn('streams.not_woken', { groups: jobs.length, error });
    return false;
  }
}
