/** The background work of numbers: folds, backfills, the nightly recount, and the alert. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { jobs, schedules } from '../../../src/app/background.ts';
import { crmNumbers } from '../../../src/crm/numbers.ts';
import type { AlertContext } from '../../../src/platform/alerts/index.ts';
import { wrongNumbers } from '../../../src/platform/numbers/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { type Difference, differences } from './truth.ts';

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld([...jobs.values()].filter(({ name }) => name.startsWith('numbers.')));
  await world.query(
    `INSERT INTO deals (tenant_id, id, title, value, updated_at)
     SELECT $1, 'deal_' || n, 't', 2, now() FROM generate_series(1, 5) AS n`,
    [world.tenant.id],
  );
});
afterAll(() => world.close());
beforeEach(() => world.clear());

/** Runs a schedule at the world's time, delivers its jobs, and returns its result. */
async function run(name: 'numbers.fold' | 'numbers.recount'): Promise<unknown> {
  const scope = world.app.test.platform.scope();
  const context = { scope, tick: scope.system.now(), attempt: 1, signal: new AbortController().signal, log: scope.log };
  const result = await schedules.get(name)?.execute(context);
  await scope.end();
  // Each table is a slice of the job.
  for (const _table of crmNumbers) await world.advance(1_000);
  return result;
}

const wrong = (): Promise<Difference[]> =>
  differences({ query: async (text, values) => ({ rows: await world.query(text, values) }) }, world.tenant.id);
const waiting = async () => (await world.query('SELECT count(*)::int AS count FROM number_changes'))[0];
const pipelineOf = async () => {
  const response = await world.app.test.request('/deals/pipeline', { key: world.tenant.keys.all });
  return ((await response.json()) as { total: { count: number } }).total.count;
};
/** The events of the numbers in the log, the latest last. */
const logged = () =>
  world.app.test.lines
    .map((line) => JSON.parse(line) as { event: string })
    .filter(({ event }) => event?.startsWith('numbers.'));

async function measure(days: number): Promise<number | undefined> {
  const scope = world.app.test.platform.scope();
  try {
    const context = { scope, at: scope.system.now() + days * 86_400_000 } as unknown as AlertContext;
    return (await wrongNumbers.measure(context))?.value;
  } finally {
    await scope.end();
  }
}

test('the schedule folds what waits, and does nothing else while all numbers are complete', async () => {
  await world.query("UPDATE deals SET stage = 'won' WHERE id = 'deal_1'");
  expect(await waiting()).not.toEqual({ count: 0 });
  expect(await run('numbers.fold')).toEqual({ folded: expect.any(Number), backfills: 0 });
  expect(await waiting()).toEqual({ count: 0 });
  expect(await wrong()).toEqual([]);
  expect(await run('numbers.fold')).toBeUndefined();
});

test('a tenant without numbers is counted, gets them from the job that the schedule starts once, and raises no alert', async () => {
  for (const table of ['numbers', 'number_changes', 'number_states']) await world.query(`DELETE FROM ${table}`);
  expect(await pipelineOf()).toBe(5);
  expect(await run('numbers.fold')).toEqual({ folded: 0, backfills: 1 });
  expect(await wrong()).toEqual([]);
  const states = await world.query('SELECT source, wrong_at AS wrong FROM number_states ORDER BY 1');
  expect(states).toEqual(
    crmNumbers.map(({ table }) => ({ source: table, wrong: null })).sort((a, b) => (a.source < b.source ? -1 : 1)),
  );
  expect(await run('numbers.fold')).toBeUndefined();
  expect(await measure(0)).toBe(0);
  expect(logged()).toEqual([expect.objectContaining({ event: 'numbers.backfilled', source: 'deals' })]);
});

test('the nightly recount mends wrong numbers, says which, ends cached values, and raises the alert for a day', async () => {
  await run('numbers.fold');
  await world.query("UPDATE numbers SET count = count + 1 WHERE key = 'deals.stage:lead'");
  await world.query('UPDATE number_states SET wrong_at = NULL, wrong_keys = 0');
  expect(await pipelineOf()).toBe(6);
  expect(await measure(0)).toBe(0);
  expect(await run('numbers.recount')).toEqual({ tenants: 1 });
  expect(await wrong()).toEqual([]);
  // The value was cached just now.
  expect(await pipelineOf()).toBe(5);
  expect(logged()).toEqual([
    expect.objectContaining({
      event: 'numbers.mended',
      level: 'error',
      source: 'deals',
      wrong: 1,
      keys: ['deals.stage:lead'],
    }),
  ]);
  expect([await measure(0), await measure(0.9), await measure(1.1)]).toEqual([1, 1, 0]);
});
