/** Fan-outs, debounced jobs, order and unique keys of sensitive jobs, at the pace at which a mistake shows. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { enqueue, enqueueMany, job, plan } from '../../../src/jobs/index.ts';
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
beforeEach(() => {
  runs = [];
  fails = () => false;
});
afterAll(() => world.close());

describe('2/3 a fan-out', () => {
  test('is followed only when the part that failed and was tried again has ended', async () => {
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
  test('that is enqueued three times at once runs once, with the last input', async () => {
    for (const n of [1, 2, 3]) await world.app.within((tenant) => enqueue(tenant, settling, { n }));
    await world.advance(10 * 60_000);
    expect(runs).toEqual([3]);
  });
});

describe('2/21 the unique key of a sensitive job', () => {
  test('is not readable in Redis', async () => {
    const word = 'diagnosis-of-one-patient';
    const { redis } = world.app.test.platform.scope();
    await world.app.within((tenant) => enqueue(tenant, secret, { word }, { delay: '1h' }));
    await world.settle();
    const keys = await redis.exec<string[]>(['KEYS', `hf:${world.tenant.id}:ju:*`]);
    expect(keys.filter((name) => name.includes('test.secret'))).toHaveLength(1);
    expect(keys.join('\n')).not.toContain(word);
  });
});
