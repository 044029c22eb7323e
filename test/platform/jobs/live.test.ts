/** The live events of jobs: which changes are told, how often, and at which cost. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Claim, claim, heartbeat } from '../../../src/platform/jobs/claim.ts';
import {
  cancel,
  cancelJob,
  continueWith,
  enqueue,
  fatal,
  type JobContext,
  job,
  replayJob,
} from '../../../src/platform/jobs/index.ts';
import { jobKeys } from '../../../src/platform/jobs/keys.ts';
import { useRuns } from './run-bench.ts';

const bench = useRuns();

const add = (options = {}) => bench.world.app.within((tenant) => enqueue(tenant, bench.jobs.live, { n: 1 }, options));

/** Returns the events of a job's topic. */
async function eventsOf(id: string): Promise<{ type: string; id: string; at: number }[]> {
  const stream = jobKeys({ tenant: bench.world.tenant.id, name: 'test.live', id, live: true }).at(-1) ?? '';
  const entries = await bench.services().redis.exec<[string, string[]][]>(['XRANGE', stream, '-', '+']);
  return entries.map(([, fields]) => JSON.parse(fields[3] ?? ''));
}
const typesOf = async (id: string) => (await eventsOf(id)).map(({ type }) => type);

/** Claims a job by hand, with a clock that only `pass` moves ahead of Redis. */
async function claimed() {
  const id = await add({ delay: '1h' });
  await bench.world.settle();
  const all = bench.services();
  let ahead = 3_600_000;
  const services = { redis: all.redis, system: { ...all.system, redisAhead: () => ahead } };
  const ref = { tenant: bench.world.tenant.id, name: 'test.live', id, live: true };
  let runs = 0;
  const claimAgain = () => {
    runs += 1;
    const terms = { leaseMs: 60_000, generation: 0, maxCrashes: 2, debounced: false, nonce: '' };
    return claim(services, ref, { ...terms, owner: `run-${runs}` });
  };
  const first = await claimAgain();
  if (first.kind !== 'claimed') throw new Error(`the claim answered ${first.kind}`);
  const pass = (ms: number) => {
    ahead += ms;
  };
  return { id, ref, services, run: first.claim, claimAgain, pass };
}

describe('a live job', () => {
  test('tells its progress and its end without further requests or commands', async () => {
    bench.run = async (_input, { progress }) => progress({ rows: 5 });
    const id = await add();
    await bench.world.settle();
    expect(bench.world.app.asked).toEqual([['admit'], ['publish'], ['claim'], ['heartbeat'], ['finish']]);
    const events = await eventsOf(id);
    expect(events).toEqual([
      { type: 'job.progress', id, at: expect.any(Number) },
      { type: 'job.done', id, at: expect.any(Number) },
    ]);
    expect(JSON.stringify(events)).not.toContain('rows');
  });

  test('tells its progress at most once a second, and the next call tells a progress that came too early', async () => {
    const { id, ref, services, run, pass } = await claimed();
    const beat = (progress = '') => heartbeat(services, ref, run, 60_000, progress);
    const told = async () => (await typesOf(id)).length;
    await beat('1');
    expect(await told()).toBe(1);
    // These calls take less than a second, or the machine is slow and some of them are told: never two in one second.
    for (let n = 2; n <= 5; n += 1) await beat(String(n));
    const before = await told();
    pass(1_000);
    await beat();
    pass(1_000);
    await beat();
    const times = (await eventsOf(id)).map(({ at }) => at);
    for (const [index, at] of times.slice(1).entries()) expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(times.length - before).toBeLessThanOrEqual(1);
    expect(times.length).toBeGreaterThanOrEqual(2);
  });

  test('tells its end if its runs crash', async () => {
    const { id, ref, services, claimAgain, pass } = await claimed();
    for (let crash = 1; crash <= 2; crash += 1) {
      pass(61_000);
      expect((await claimAgain()).kind).toBe('claimed');
    }
    pass(61_000);
    expect((await claimAgain()).kind).toBe('crashed');
    expect(await typesOf(id)).toEqual(['job.dead']);
    // The job has ended, so a late run tells nothing.
    expect(await heartbeat(services, ref, { owner: 'run-1', fence: 1 } as Claim, 60_000, 'late')).toBe('stale');
    expect(await typesOf(id)).toEqual(['job.dead']);
  });

  test.each([
    ['a result', async () => 1, ['job.done']],
    ['a fatal outcome', async () => fatal('NO'), ['job.dead']],
    ['a cancellation', async () => cancel('NO'), ['job.cancelled']],
    [
      'failed attempts',
      async () => {
        throw new Error('no');
      },
      ['job.failed', 'job.dead'],
    ],
    ['slices', async (_input: unknown, { cursor }: JobContext) => (cursor ? 1 : continueWith(1)), ['job.done']],
  ])('tells the end of a run by %s', async (_name, run, expected) => {
    bench.run = run;
    const id = await add();
    await bench.world.settle();
    await bench.world.advance(3_600_000);
    expect(await typesOf(id)).toEqual(expected);
  });

  test('tells a cancellation and a replay from outside', async () => {
    const id = await add({ delay: '1h' });
    await bench.world.settle();
    const { id: tenant } = bench.world.tenant;
    expect(await cancelJob(bench.services(), tenant, id)).toBe('cancelled');
    expect(await replayJob(bench.services(), tenant, id)).toBe('queued');
    await bench.world.settle();
    expect(await typesOf(id)).toEqual(['job.cancelled', 'job.queued', 'job.done']);
  });

  test('tells its end if its input does not fit the release', async () => {
    const id = await add({ delay: '1h' });
    await bench.world.settle();
    bench.world.replace([job('test.live', { input: z.object({ n: z.string() }), live: true, run: async () => 1 })]);
    await bench.world.advance(3_600_000);
    expect(await bench.recordOf(id)).toMatchObject({ state: 'dead', reason: 'INVALID_INPUT' });
    expect(await typesOf(id)).toEqual(['job.dead']);
  });
});

test('a job that is not live has no stream of events', async () => {
  bench.run = async (_input, { progress }) => progress({ rows: 5 });
  const id = await bench.add(1);
  await bench.world.settle();
  expect(await bench.recordOf(id)).toMatchObject({ state: 'done' });
  expect(await eventsOf(id)).toEqual([]);
});

test('the keys of a live job are those of another job, and the stream', () => {
  const ref = { tenant: 't', name: 'n', id: 'i', unique: 'u', batch: { id: 'b', size: 2 } };
  expect(jobKeys({ ...ref, live: true })).toEqual([...jobKeys(ref), 'hf:t:f:job:i']);
});
