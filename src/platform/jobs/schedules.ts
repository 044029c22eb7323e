/** The platform's own schedules: drain the outbox, sweep late jobs, delete old rows. */
import {
  type FlushResult,
  flushWrites,
  type LoadContext,
  needsRebuild,
  type Query,
  type QueryArgs,
  readJournalBacklog,
  rebuildGuard,
  trimEntries,
} from '../cache/index.ts';
import { type DrainResult, forgetCalls, readBacklog } from '../outbox/index.ts';
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
    // The outbox may contain many batches after an outage. A row that failed is not due again within the same tick.
    for (let batch: DrainResult | undefined; !batch || batch.settled > 0; ) {
      signal.throwIfAborted();
      batch = await drainBatch(scope);
      total.settled += batch.settled;
      total.failed += batch.failed;
    }
    const { depth, ageMs } = await readBacklog(scope);
    scope.counters.note('outbox.depth', {}, depth);
    scope.counters.note('outbox.age', {}, ageMs);
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

/** Drops cache entries and shortens lives while Redis has little memory left. */
export const trimSchedule = schedule('cache.trim', {
  cron: '* * * * *',
  async run({ scope, log, signal }) {
    const { redis, system, environment } = scope;
    const trimmed = await trimEntries({ redis, system, signal, memoryLimit: environment.REDIS_MEMORY_LIMIT });
    if (trimmed === null) return undefined;
    log.warn('cache.trimmed', { ...trimmed });
    return trimmed;
  },
});

/** The number of tenant ids that one query reads. */
const TENANTS_PER_QUERY = 1_000;
/** The number of tenants whose lists one request to Redis trims. */
const TENANTS_PER_REQUEST = 50;

/**
 * Creates the schedule that deletes old rows: rows of steps that no message needs any more, and rows of calls that
 * callers no longer repeat. The schedule also removes ended jobs from the indexes if their records have expired.
 */
export function cleanUpSchedule(jobs: JobRegistry): Schedule {
  return schedule('jobs.clean-up', {
    cron: '17 3 * * *',
    timeout: '10m',
    async run({ scope, signal }) {
      const { redis, system } = scope;
      const now = system.now();
      const steps = await forgetSteps(scope.store, now);
      const calls = await forgetCalls(scope.store, now);
      let listed = 0;
      for (let after: string | undefined = ''; after !== undefined; ) {
        const tenants: readonly string[] = await scope.tenantsAfter(after, TENANTS_PER_QUERY);
        for (let start = 0; start < tenants.length; start += TENANTS_PER_REQUEST) {
          signal.throwIfAborted();
          const some = tenants.slice(start, start + TENANTS_PER_REQUEST);
          listed += await trimIndexes({ redis }, some, [...jobs.keys(), RUN_SCHEDULE], now);
        }
        after = tenants.length < TENANTS_PER_QUERY ? undefined : tenants.at(-1);
      }
      return { steps, calls, listed };
    },
  });
}

/** Creates the schedule that flushes a query's journalled writes to the database each minute. */
export function flushSchedule<Args extends QueryArgs, Value, Context extends LoadContext>(
  query: Query<Args, Value, Context>,
): Schedule {
  return schedule(`cache.flush.${query.name}`, {
    cron: '* * * * *',
    async run({ scope, signal }) {
      const { redis, system, sealer, store, counters } = scope;
      const services = { redis, system, sealer, store };
      const { writes, ageMs } = await readJournalBacklog(services, query);
      counters.note('journal.writes', { query: query.name }, writes);
      counters.note('journal.age', { query: query.name }, ageMs);
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

/**
 * Creates the schedule that rebuilds the filter of a guarded query: each day, and within five minutes if the filter is
 * missing. Otherwise a run costs 1 request, 1 command.
 */
export function guardSchedule<Args extends QueryArgs, Value, Context extends LoadContext>(
  query: Query<Args, Value, Context>,
): Schedule {
  return schedule(`cache.guard.${query.name}`, {
    cron: '*/5 * * * *',
    timeout: '5m',
    async run({ scope, log }) {
      const { redis, system, store } = scope;
      if (!(await needsRebuild({ redis, system }, query))) return undefined;
      const rebuilt = await rebuildGuard({ redis, system, store }, query);
      const expected = query.guard?.expected ?? 0;
      if (rebuilt.members > expected) log.warn('guard.too_small', { query: query.name, expected, ...rebuilt });
      return rebuilt;
    },
  });
}

/** Returns the platform's own schedules, for an app with these jobs. */
export function platformSchedules(jobs: JobRegistry): Schedule[] {
  return [drainSchedule, sweepSchedule, trimSchedule, cleanUpSchedule(jobs)];
}
