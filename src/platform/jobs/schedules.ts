/** The platform's own schedules: drain the outbox, sweep late jobs, delete old rows. */
import { type FlushResult, flushWrites, type LoadContext, type Query, type QueryArgs } from '../cache/index.ts';
import { type DrainResult, forgetCalls } from '../db/index.ts';
import { forgetSteps } from './applied.ts';
import { drainBatch } from './drain.ts';
import { trimIndexes } from './record.ts';
import { type JobRegistry, jobServices } from './registry.ts';
import { RUN_SCHEDULE } from './run-schedule.ts';
import { type Schedule, schedule } from './schedule.ts';
import { sweepJobs } from './sweep.ts';

/** Handles outbox entries that their writers could not handle. */
export const drainSchedule = schedule('outbox.drain', {
  cron: '* * * * *',
  exclusive: false,
  async run({ scope, log, signal }) {
    const total: DrainResult = { settled: 0, failed: 0 };
    // An outage leaves more than one batch behind. Rows that failed are not due again within this tick.
    for (let batch: DrainResult | undefined; !batch || batch.settled > 0; ) {
      signal.throwIfAborted();
      batch = await drainBatch(scope);
      total.settled += batch.settled;
      total.failed += batch.failed;
    }
    if (total.settled + total.failed === 0) return undefined;
    log.info('outbox.drained', { ...total });
    return total;
  },
});

/** Redelivers late jobs. Sweeps that overlap take different jobs. */
export const sweepSchedule = schedule('jobs.sweep', {
  cron: '* * * * *',
  exclusive: false,
  async run({ scope, log }) {
    const swept = await sweepJobs(jobServices(scope));
    if (swept.redelivered + swept.followed === 0) return undefined;
    log.info('jobs.swept', { ...swept });
    return swept;
  },
});

/** Tenants whose lists are trimmed in one request. */
const TENANTS_AT_A_TIME = 50;

/**
 * Forgets steps that no message can ask for any more, and commits of calls that are not repeated any more; takes ended
 * jobs off the lists whose records are gone.
 */
export function cleanUpSchedule(jobs: JobRegistry): Schedule {
  return schedule('jobs.clean-up', {
    cron: '17 3 * * *',
    timeout: '10m',
    async run({ scope, signal }) {
      const { redis, system } = scope;
      const client = await scope.database.client();
      const now = system.now();
      const steps = await forgetSteps(client, now);
      const calls = await forgetCalls(client, now);
      const tenants = await client.tenant.findMany({ select: { id: true }, orderBy: { id: 'asc' } });
      let listed = 0;
      for (let start = 0; start < tenants.length; start += TENANTS_AT_A_TIME) {
        signal.throwIfAborted();
        const some = tenants.slice(start, start + TENANTS_AT_A_TIME);
        listed += await trimIndexes({ redis }, some, [...jobs.keys(), RUN_SCHEDULE], now);
      }
      return { steps, calls, listed };
    },
  });
}

/** Flushes a query's journalled writes to the database each minute. */
export function flushSchedule<Args extends QueryArgs, Value, Context extends LoadContext>(
  query: Query<Args, Value, Context>,
): Schedule {
  return schedule(`cache.flush.${query.name}`, {
    cron: '* * * * *',
    async run({ scope, signal }) {
      const { redis, system, sealer, database } = scope;
      const services = { redis, system, sealer, db: () => database.client() };
      let written = 0;
      for (let flushed: FlushResult | undefined; !flushed || flushed.taken > 0; ) {
        signal.throwIfAborted();
        flushed = await flushWrites(services, query);
        written += flushed.taken - flushed.alreadyApplied;
      }
      return written > 0 ? { written } : undefined;
    },
  });
}

/** The platform's own schedules, for an app with these jobs. */
export function platformSchedules(jobs: JobRegistry): Schedule[] {
  return [drainSchedule, sweepSchedule, cleanUpSchedule(jobs)];
}
