/** Fan-outs, debounced jobs, the order of jobs, unique keys of sensitive jobs, with a timing that shows mistakes. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { enqueue, enqueueMany, job, plan } from '../../../src/platform/jobs/index.ts';
import { drainOutbox, type OutboxHandler } from '../../../src/platform/outbox/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

const input = z.object({ n: z.number() });
let world: JobWorld;
let runs: number[] = [];
let fails: (n: number) => boolean = () => false;
const run = async ({ n }: { n: number }) => {
  runs.push(n);
  if (fails(n)) throw new Error('not yet');
  return n;
};
const part = job('test.part', { input, backoff: { first: '10m' }, run });
const last = job('test.last', { input, run });
const settling = job('test.settling', { input, unique: () => 'x', debounce: '30s', run });
const secret = job('test.secret', {
  input: z.object({ word: z.string() }),
  sensitive: true,
  unique: ({ word }) => word,
  run: async () => 'done',
});

beforeAll(async () => {
  world = await openJobWorld([part, last, settling, secret]);
});
beforeEach(async () => {
  await world.clear();
  runs = [];
  fails = () => false;
});
afterAll(() => world.close());

describe('2/3 a fan-out', () => {
  test('is followed up only when the failed and retried part has ended', async () => {
    let failing = true;
    fails = (n) => n === 2 && failing;
    await world.app.within((tenant) =>
      enqueueMany(tenant, part, [{ n: 1 }, { n: 2 }, { n: 3 }], { whenAllEnded: plan(last, { n: 100 }) }),
    );
    await world.settle();
    await world.advance(5 * 60_000);
    expect(runs.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    failing = false;
    await world.advance(10 * 60_000);
    expect(runs.toSorted((a, b) => a - b)).toEqual([1, 2, 2, 3, 100]);
  });
});

describe('2/4 a debounced job', () => {
  test('enqueued three times at once runs once, with the last input', async () => {
    for (const n of [1, 2, 3]) await world.app.within((tenant) => enqueue(tenant, settling, { n }));
    await world.advance(10 * 60_000);
    expect(runs).toEqual([3]);
  });
});

describe('2/18 the order', () => {
  test('of publishing the jobs of one write is high, normal, low', async () => {
    world.app.published.length = 0;
    await world.app.within((tenant) =>
      tenant.commit(async (tx) => {
        for (const [n, priority] of [
          [30, 'low'],
          [20, 'normal'],
          [10, 'high'],
        ] as const) {
          await enqueue(tx, last, { n }, { priority, delay: '1h' });
        }
      }),
    );
    await world.settle();
    const order = world.app.published.map(({ body }) => Number(/n\\":(\d+)/.exec(body)?.[1]));
    expect(order).toEqual([10, 20, 30]);
  });

  test('of the drain’s outbox rows is oldest due first', async () => {
    await world.query('DELETE FROM outbox');
    const { system, store } = world.app.test.platform.scope();
    const row = (id: string, minutes: number) =>
      world.query(
        `INSERT INTO outbox (id, tenant_id, kind, payload, created_at, due_at) VALUES ($1, $2, 'none', '{}', $3, $3)`,
        [id, world.tenant.id, new Date(system.now() - minutes * 60_000).toISOString()],
      );
    // Inserted in another order than their due times.
    await row('out_third', 10);
    await row('out_second', 20);
    await row('out_first', 30);
    const none: OutboxHandler = (entries) => Promise.allSettled(entries.map(async () => undefined));
    const nothing = async () => undefined;
    const invalidator = { mark: async () => [], unmark: nothing, settle: nothing, end: nothing, endUnless: nothing };
    const services = {
      store,
      system,
      handlers: { none },
      invalidator: { ...invalidator, areEnded: async () => true },
    };
    await drainOutbox(services, 2);
    expect((await world.outbox()).map(({ id }) => id)).toEqual(['out_third']);
  });
});

describe('2/21 the unique key of a sensitive job', () => {
  test('is not readable in Redis', async () => {
    const word = 'diagnosis-of-one-patient';
    const { redis } = world.app.test.platform.scope();
    await world.app.within((tenant) => enqueue(tenant, secret, { word }, { delay: '1h' }));
    await world.settle();
    const [, keys] = await redis.scan('0', { match: `hf:${world.tenant.id}:ju:*`, count: 100_000 });
    expect(keys.filter((name) => name.includes('test.secret'))).toHaveLength(1);
    expect(keys.join('\n')).not.toContain(word);
  });
});
