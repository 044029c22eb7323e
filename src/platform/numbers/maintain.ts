/**
 * The background work of numbers: the job that recounts a tenant's numbers, the schedule that folds waiting changes and
 * starts backfills, the nightly recount, and the alert about numbers that were wrong.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Alert, alert } from '../alerts/index.ts';
import {
  continueWith,
  enqueue,
  forEachTenant,
  type Job,
  type JobScope,
  job,
  type Schedule,
  schedule,
} from '../jobs/index.ts';
import { recount } from './recount.ts';
import type { NumberSource } from './source.ts';
import { FOLD_AT_MOST } from './triggers.ts';

/** The background work of the declared numbers, for the lists of the app. */
export interface NumbersWork {
  jobs: readonly Job[];
  schedules: readonly Schedule[];
  alerts: readonly Alert[];
}

const DAY_MS = 86_400_000;
/** The number of keys that a log line names. */
const NAMED_KEYS = 20;
/** The number of tenants that one statement looks up. */
const TENANTS_AT_A_TIME = 1_000;

/** Creates the background work for the numbers of all modules. */
export function maintainNumbers(sources: readonly NumberSource[]): NumbersWork {
  const recountNumbers = recountJob(sources);
  return {
    jobs: [recountNumbers],
    schedules: [foldSchedule(sources, recountNumbers), recountSchedule(recountNumbers)],
    alerts: [wrongNumbers],
  };
}

/**
 * Recounts the numbers of a tenant, one table per slice; see `recount.ts`. A run that dies repeats its table. Numbers
 * that were not complete before are complete afterwards.
 */
function recountJob(sources: readonly NumberSource[]) {
  return job('numbers.recount', {
    input: z.object({}),
    priority: 'low',
    concurrency: 4,
    timeout: '14m',
    async run(_input, { cursor = sources[0]?.table, tenant, scope, log }) {
      const index = sources.findIndex(({ table }) => table === cursor);
      const source = sources[index];
      if (!source) return undefined;
      const result = await recount(scope.store, tenant.tenant, source, scope.system.now());
      if (!result) log.warn('numbers.other_version', { source: source.table, version: source.version });
      else if (result.mended.length > 0) {
        const keys = result.mended.slice(0, NAMED_KEYS).map(({ key }) => key);
        const details = { source: source.table, wrong: result.mended.length, keys };
        if (result.wasComplete) log.error('numbers.mended', details);
        else log.info('numbers.backfilled', { source: source.table, keys: result.mended.length });
        // The cached values may show the wrong numbers.
        if (source.tags.length > 0) await tenant.commit(async (tx) => tx.invalidate(...source.tags));
      }
      const next = sources[index + 1];
      return next ? continueWith(next.table) : undefined;
    },
  });
}

/** Folds the changes of tenants that write seldom, and starts the recount of tenants whose numbers are not complete. */
function foldSchedule(sources: readonly NumberSource[], recountNumbers: ReturnType<typeof recountJob>): Schedule {
  const tables = sources.map(({ table }) => table);
  const versions = sources.map(({ version }) => version);
  const release = createHash('sha256').update(versions.join()).digest('hex').slice(0, 12);
  return schedule('numbers.fold', {
    cron: '*/10 * * * *',
    timeout: '10m',
    async run({ scope, signal }) {
      const folded = await foldAll(scope, signal);
      let backfills = 0;
      for (let after: string | undefined = ''; after !== undefined; ) {
        signal.throwIfAborted();
        const tenants: readonly string[] = await scope.tenantsAfter(after, TENANTS_AT_A_TIME);
        const incomplete = await scope.store.query<{ id: string }>(INCOMPLETE, [tenants, tables, versions]);
        for (const { id } of incomplete) {
          await enqueue(scope.tenant(id), recountNumbers, {}, { id: `numbers-${release}` });
        }
        backfills += incomplete.length;
        after = tenants.length < TENANTS_AT_A_TIME ? undefined : tenants.at(-1);
      }
      return folded + backfills > 0 ? { folded, backfills } : undefined;
    },
  });
}

/** Folds all waiting changes, and returns how many. 1 statement, and 1 for every 5,000 changes of a tenant. */
async function foldAll({ store }: Pick<JobScope, 'store'>, signal: AbortSignal): Promise<number> {
  let total = 0;
  for (const { id } of await store.query<{ id: string }>(WAITING, [])) {
    for (let folded = FOLD_AT_MOST; folded === FOLD_AT_MOST; total += folded) {
      signal.throwIfAborted();
      const [row] = await store.query<{ folded: number }>('SELECT numbers_fold($1) AS folded', [id]);
      folded = row?.folded ?? 0;
    }
  }
  return total;
}

const WAITING = 'SELECT DISTINCT tenant_id AS id FROM number_changes ORDER BY 1';

const INCOMPLETE = `
  SELECT tenant.id FROM unnest($1::text[]) AS tenant (id)
  WHERE EXISTS (
    SELECT 1 FROM unnest($2::text[], $3::text[]) AS declared (source, version)
    WHERE NOT EXISTS (
      SELECT 1 FROM number_states AS state WHERE state.tenant_id = tenant.id
        AND state.source = declared.source AND state.version = declared.version))
  ORDER BY 1`;

/** Enqueues the recount of every tenant each night. */
function recountSchedule(recountNumbers: ReturnType<typeof recountJob>): Schedule {
  return schedule('numbers.recount', {
    cron: '40 2 * * *',
    timeout: '14m',
    async run(context) {
      const night = new Date(context.tick).toISOString().slice(0, 10);
      const tenants = await forEachTenant(context, (tenant) =>
        enqueue(tenant, recountNumbers, {}, { id: `numbers-${night}` }),
      );
      return { tenants };
    },
  });
}

/** Fires for a day after a recount has found wrong numbers. 1 statement. */
export const wrongNumbers = alert('wrong-numbers', {
  summary:
    'A recount has found maintained numbers that were wrong, and has mended them. A writer bypassed the triggers.',
  severity: 'warning',
  unit: 'count',
  async measure({ scope, at }) {
    const [row] = await scope.store.query<{ keys: number }>(WRONG, [new Date(at - DAY_MS).toISOString()]);
    return { value: row?.keys ?? 0 };
  },
  above: 0,
  clear: 0,
  runbook: 'docs/numbers.md',
});

const WRONG = `
  SELECT coalesce(sum(wrong_keys), 0)::float8 AS keys FROM number_states WHERE wrong_at >= $1::timestamp`;
