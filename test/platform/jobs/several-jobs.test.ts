/** Long work in slices, and related jobs: unique, debounced, chained, fanned out. */
import { describe, expect, test } from 'vitest';
import {
  cancelJob,
  continueWith,
  enqueue,
  enqueueMany,
  fatal,
  plan,
  retryLater,
} from '../../../src/platform/jobs/index.ts';
import { useRuns } from './run-bench.ts';

const bench = useRuns();

describe('long work', () => {
  test('continues from its cursor, slice by slice; each slice has its own attempts and steps', async () => {
    const effects: string[] = [];
    bench.run = async (_input, { cursor, attempt, step }) => {
      const at = (cursor as number | undefined) ?? 0;
      await step('page', async ({ key }) => effects.push(key));
      if (at === 1 && attempt === 1) throw new Error('once');
      return at < 2 ? continueWith(at + 1) : 'all';
    };
    const id = await bench.add(1);
    await bench.world.settle();
    await bench.world.advance(10_000);
    expect(bench.runs.map(({ cursor, attempt }) => [cursor, attempt])).toEqual([
      [undefined, 1],
      [1, 1],
      [1, 2],
      [2, 1],
    ]);
    expect(effects).toEqual([`${id}:page`, `${id}:1:page`, `${id}:2:page`]);
    expect(await bench.recordOf(id)).toMatchObject({ state: 'done', slice: 2, result: 'all' });
  });

  test('can be cancelled: immediately while it waits, at its next heartbeat while it runs', async () => {
    const waiting = await bench.add(1, { delay: '1m' });
    expect(await cancelJob(bench.services(), bench.world.tenant.id, waiting)).toBe('cancelled');
    await bench.world.advance(61_000);
    expect(bench.runs).toEqual([]);
    bench.run = async (_input, { id, progress }) => {
      await progress({ page: 7 });
      expect(await bench.recordOf(id)).toMatchObject({ state: 'running', progress: { page: 7 } });
      expect(await cancelJob(bench.services(), bench.world.tenant.id, id)).toBe('requested');
      await progress({ page: 8 });
      return 'not reached';
    };
    const running = await bench.add(2);
    await bench.world.settle();
    expect(await bench.recordOf(running)).toMatchObject({ state: 'cancelled', reason: 'CANCELLED', result: undefined });
    expect(await cancelJob(bench.services(), bench.world.tenant.id, running)).toBe('cancelled');
    expect(await cancelJob(bench.services(), bench.world.tenant.id, 'job_none')).toBe('missing');
  });
});

describe('several jobs', () => {
  test('with one unique key: one runs, and until its end the others end as its duplicates', async () => {
    const addSingle = (n: number) =>
      bench.world.app.within((tenant) => enqueue(tenant, bench.jobs.single, { n }, { delay: '1s' }));
    const [first, second, third] = [await addSingle(1), await addSingle(1), await addSingle(2)];
    await bench.world.advance(2_000);
    expect(await bench.recordOf(first)).toMatchObject({ state: 'done' });
    expect(await bench.recordOf(second)).toMatchObject({ state: 'cancelled', reason: 'DUPLICATE', duplicateOf: first });
    expect(await bench.recordOf(third)).toMatchObject({ state: 'done' });
    const again = await addSingle(1);
    await bench.world.advance(2_000);
    expect(await bench.recordOf(again)).toMatchObject({ state: 'done' });
  });

  test('with a debounce: the last job runs', async () => {
    const ids: string[] = [];
    for (const n of [1, 2, 3]) {
      ids.push(await bench.world.app.within((tenant) => enqueue(tenant, bench.jobs.settling, { n })));
      await bench.world.advance(20_000);
    }
    await bench.world.advance(30_000);
    expect(bench.runs.map(({ n }) => n)).toEqual([3]);
    expect(await bench.recordOf(ids[0] ?? '')).toMatchObject({ state: 'cancelled', reason: 'SUPERSEDED' });
  });

  test('with one id: one job runs', async () => {
    const id = `own_${bench.world.app.test.platform
      .scope()
      .system.token()
      .replace(/[^A-Za-z0-9]/g, '')}`;
    await bench.add(1, { id });
    await bench.world.settle();
    await bench.add(1, { id });
    await bench.add(1, { id, delay: '11m' });
    await bench.world.advance(12 * 60_000);
    expect(bench.runs).toHaveLength(1);
  });

  test('in a chain: each begins when the previous one is done', async () => {
    bench.run = async ({ n }) => (n === 4 ? fatal('STOP') : n);
    const chain = plan(bench.jobs.other, { n: 2 }, { next: plan(bench.jobs.plain, { n: 3 }) });
    await bench.add(1, { next: chain });
    await bench.world.settle();
    expect(bench.runs.map(({ name, n }) => [name, n])).toEqual([
      ['plain', 1],
      ['other', 2],
      ['plain', 3],
    ]);
    await bench.add(4, { next: plan(bench.jobs.other, { n: 5 }) });
    await bench.world.settle();
    expect(bench.runs.map(({ n }) => n)).toEqual([1, 2, 3, 4]);
  });

  test('fanned out: a follow-up runs when all have ended, even if some have failed', async () => {
    bench.run = async ({ n }) => (n === 2 ? fatal('NO') : n);
    await bench.world.app.within((tenant) =>
      enqueueMany(tenant, bench.jobs.plain, [{ n: 1 }, { n: 2 }, { n: 3 }], {
        whenAllEnded: plan(bench.jobs.other, { n: 100 }),
      }),
    );
    await bench.world.settle();
    expect(bench.runs.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 100]);
    expect(bench.runs.at(-1)).toMatchObject({ name: 'other', n: 100 });
  });

  test('enqueued by a job: once for each key, for any number of runs', async () => {
    bench.run = async ({ n }, { attempt, enqueue: add_ }) => {
      if (n !== 1) return n;
      await add_(bench.jobs.other, { n: 7 }, { key: 'child' });
      return attempt === 1 ? retryLater('1s') : 'done';
    };
    await bench.add(1);
    await bench.world.advance(60_000);
    expect(bench.runs.map(({ name }) => name).toSorted()).toEqual(['other', 'plain', 'plain']);
  });
});
