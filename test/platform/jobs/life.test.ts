/** The life of a job from the write that owes it to its result, what it costs, and every way in which a run can end. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  cancel,
  cancelJob,
  continueWith,
  createJobs,
  done,
  enqueue,
  enqueueMany,
  fatal,
  type JobContext,
  type JobOutcome,
  job,
  jobServices,
  listJobs,
  plan,
  replayJob,
  retryLater,
  snooze,
} from '../../../src/jobs/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

type Runs = (input: { n: number; at?: Date | undefined }, context: JobContext) => Promise<unknown>;

let world: JobWorld;
let run: Runs;
let runs: { name: string; n: number; attempt: number; cursor: unknown }[];
const input = z.object({ n: z.number(), at: z.date().optional() });

const body = (name: string) => async (given: z.output<typeof input>, context: JobContext) => {
  runs.push({ name, n: given.n, attempt: context.attempt, cursor: context.cursor });
  return (await run(given, context)) as JobOutcome;
};
const plain = job('test.plain', { input, run: body('plain'), retries: 3 });
const other = job('test.other', { input, run: body('other') });
const single = job('test.single', { input, unique: ({ n }) => String(n), run: body('single') });
const settling = job('test.settling', { input, unique: () => 'x', debounce: '30s', run: body('settling') });
const secret = job('test.secret', {
  input: z.object({ word: z.string() }),
  sensitive: true,
  run: async ({ word }) => word,
});
const lanes = job('test.lanes', { input, queue: 'lanes', concurrency: 8, priority: 'low', run: body('lanes') });

beforeAll(async () => {
  world = await openJobWorld([plain, other, single, settling, secret, lanes]);
});
beforeEach(async () => {
  runs = [];
  run = async ({ n }) => n * 2;
  const app = world.replace();
  await world.settle();
  app.published.length = 0;
});
afterAll(() => world.close());

const add = (n: number, options = {}) => world.app.within((tenant) => enqueue(tenant, plain, { n }, options));
const recordOf = async (id: string) => (await world.read(id)) ?? expect.fail('no record');
const attempts = () => runs.map(({ attempt }) => attempt);
const services = () => jobServices(world.app.test.platform.scope());

describe('a job that goes well', () => {
  test('is run after its write, with its input, and its result is kept', async () => {
    const at = new Date('2026-11-20T00:00:00Z');
    run = async ({ n, at: given }, { id, tenant, fence }) => ({
      n,
      given,
      id,
      tenant: tenant.tenant,
      fence: fence > 0,
    });
    const id = await world.app.within((tenant) =>
      tenant.commit(async (tx) => {
        await tx.db.company.create({
          data: { tenantId: tx.tenant, id: `comp_${tx.system.token().slice(0, 8)}x`, name: 'Kelp' },
        });
        return enqueue(tx, plain, { n: 1, at });
      }),
    );
    await world.settle();
    expect(await recordOf(id)).toMatchObject({
      name: 'test.plain',
      state: 'done',
      attempt: 1,
      result: { n: 1, given: at, id, tenant: world.tenant.id, fence: true },
    });
    expect(await world.owed()).toEqual([]);
    const listed = await listJobs(services(), world.tenant.id, { name: 'test.plain', state: 'done' });
    expect(listed.map((each) => each.id)).toContain(id);
  });

  test('costs 1 request to enqueue and 2 to run, a command each, and 1 to QStash', async () => {
    await add(1);
    await world.settle();
    expect(world.app.asked).toEqual([['admit'], ['publish'], ['claim'], ['finish']]);
  });

  test('is not run if its write fails, nor if its input does not fit', async () => {
    const failing = world.app.within((tenant) =>
      tenant.commit(async (tx) => {
        await enqueue(tx, plain, { n: 1 });
        throw new Error('no');
      }),
    );
    await expect(failing).rejects.toThrow('no');
    const wrong = { n: 'S3cret' } as unknown as { n: number };
    await expect(world.app.within((tenant) => enqueue(tenant, plain, wrong))).rejects.toMatchObject({
      code: 'JOB_INPUT_INVALID',
      message: expect.not.stringContaining('S3cret'),
    });
    const large = world.app.within((tenant) => enqueue(tenant, secret, { word: 'x'.repeat(300_000) }));
    await expect(large).rejects.toMatchObject({ code: 'JOB_INPUT_TOO_LARGE' });
    await world.settle();
    expect([runs, world.app.asked, await world.owed()]).toEqual([[], [], []]);
  });

  test('many are admitted in one request and published in one', async () => {
    const ids = await world.app.within((tenant) => enqueueMany(tenant, plain, [{ n: 1 }, { n: 2 }, { n: 3 }]));
    await world.settle();
    expect(world.app.asked.slice(0, 2)).toEqual([['admit', 'admit', 'admit'], ['publish']]);
    expect(await Promise.all(ids.map(async (id) => (await recordOf(id)).result))).toEqual([2, 4, 6]);
  });

  test('is refused by name if it would be due in more than a year', async () => {
    const far = world.qstash.clock.now() + 366 * 86_400_000;
    const refusal = { code: 'JOB_DELAY_TOO_LONG', message: 'A job may be due in 365 days at most, not 366.0' };
    await expect(add(1, { delay: '366d' })).rejects.toMatchObject(refusal);
    await expect(add(1, { notBefore: far })).rejects.toMatchObject(refusal);
    const many = world.app.within((tenant) => enqueueMany(tenant, plain, [{ n: 1 }, { n: 2 }], { delay: '366d' }));
    await expect(many).rejects.toMatchObject(refusal);
    expect(() => snooze('366d')).toThrow(expect.objectContaining(refusal));
    expect(await world.owed()).toEqual([]);
    const justAYear = world.app.within((tenant) =>
      tenant.commit(async (tx) => {
        await enqueue(tx, plain, { n: 1 }, { delay: '365d' });
        throw new Error('taken, and taken back');
      }),
    );
    await expect(justAYear).rejects.toThrow('taken, and taken back');
    expect(snooze('365d').outcome).toEqual({ kind: 'snooze', ms: 365 * 86_400_000 });
  });

  test('waits for its delay, and for a time that is further ahead than a message of QStash may be', async () => {
    const soon = await add(1, { delay: '90s' });
    const far = await add(2, { notBefore: world.qstash.clock.now() + 20 * 86_400_000 });
    await world.settle();
    expect((await recordOf(soon)).state).toBe('queued');
    expect(await world.read(far)).toBeNull();
    await world.advance(91_000);
    expect((await recordOf(soon)).state).toBe('done');
    await world.advance(15 * 86_400_000);
    await world.tick();
    expect((await recordOf(far)).state).toBe('queued');
    await world.advance(5 * 86_400_000);
    expect((await recordOf(far)).state).toBe('done');
  });

  test('tells QStash how to deliver it', async () => {
    const [id] = await world.app.within((tenant) => enqueueMany(tenant, lanes, [{ n: 1 }]));
    await world.settle();
    expect(world.app.published[0]).toMatchObject({
      destination: `${world.url}/jobs/run/test.lanes`,
      headers: {
        'upstash-deduplication-id': `${world.tenant.id}:${id}:0`,
        'upstash-retries': '10',
        'upstash-retry-delay': 'min(3600000, 10000 * pow(2, retried))',
        'upstash-timeout': '70s',
        'upstash-label': 'test.lanes',
        'upstash-flow-control-key': 'lanes.low',
        'upstash-flow-control-value': 'parallelism=2',
      },
    });
  });

  test('with a sensitive input nothing of it is readable on the way, or where it is kept', async () => {
    const id = await world.app.within((tenant) => enqueue(tenant, secret, { word: 'anemone' }, { delay: '1m' }));
    const key = `hf:${world.tenant.id}:j:${id}`;
    const scope = world.app.test.platform.scope();
    const stored = JSON.stringify(await scope.redis.hgetall(key));
    expect(stored).toContain('test.secret');
    await world.advance(61_000);
    const result = await scope.redis.get(`hf:${world.tenant.id}:jr:${id}`);
    for (const text of [stored, String(result), JSON.stringify(world.app.published)])
      expect(text).not.toContain('anemone');
    expect((await recordOf(id)).result).toBe('anemone');
    await scope.end();
  });
});

describe('a run that does not', () => {
  test('is tried again after its backoff, and is dead when no attempt is left', async () => {
    run = async () => {
      throw Object.assign(new TypeError('the shop refused S3cret'), { code: 'kelp' });
    };
    const id = await add(1);
    await world.settle();
    expect(await recordOf(id)).toMatchObject({
      ...{ state: 'failed', errors: 1, reason: 'TypeError kelp', errorMessage: 'the shop refused […]' },
    });
    for (const [seconds, before] of [
      [10, 1],
      [20, 2],
      [40, 3],
    ] as const) {
      await world.advance(seconds * 1000 - 1);
      expect(attempts()).toHaveLength(before);
      await world.advance(1);
      expect(attempts()).toHaveLength(before + 1);
    }
    expect(attempts()).toEqual([1, 2, 3, 4]);
    expect(await recordOf(id)).toMatchObject({
      ...{ state: 'dead', reason: 'TypeError kelp', errorMessage: 'the shop refused […]' },
    });
    expect((await world.deadLetters()).filter(({ body }) => body.includes(id))).toHaveLength(1);
    expect(world.app.test.lines.join('\n')).not.toContain('S3cret');
    // Replaying keeps the id, and gives it all its attempts.
    run = async () => 'mended';
    expect(await replayJob(services(), world.tenant.id, id)).toBe('queued');
    expect(await recordOf(id)).toMatchObject({ state: 'queued', reason: null, errorMessage: null });
    await world.settle();
    expect(await recordOf(id)).toMatchObject({ state: 'done', generation: 1, attempt: 1, result: 'mended' });
    expect(await replayJob(services(), world.tenant.id, id)).toBe('done');
  });

  test('may say when: retryLater, returned or thrown', async () => {
    run = async (_input, { attempt }) => {
      if (attempt === 1) throw retryLater('5m');
      return attempt === 2 ? retryLater('7m') : 'third';
    };
    const id = await add(1);
    await world.advance(5 * 60_000 - 1);
    expect(attempts()).toEqual([1]);
    await world.advance(7 * 60_000 + 1);
    expect(attempts()).toEqual([1, 2, 3]);
    expect((await recordOf(id)).result).toBe('third');
  });

  test('may be fatal at once, or cancel itself, or be done by throwing', async () => {
    const outcomes = [fatal('NO_SUCH_INVOICE'), cancel('NOT_WANTED'), done('thrown')];
    run = async ({ n }) => {
      throw outcomes[n];
    };
    const ids = await world.app.within((tenant) => enqueueMany(tenant, plain, [{ n: 0 }, { n: 1 }, { n: 2 }]));
    await world.advance(3_600_000);
    expect(runs).toHaveLength(3);
    expect(await Promise.all(ids.map(recordOf))).toMatchObject([
      { state: 'dead', reason: 'NO_SUCH_INVOICE' },
      { state: 'cancelled', reason: 'NOT_WANTED' },
      { state: 'done', result: 'thrown' },
    ]);
  });

  test('may snooze as often as it likes, without using up attempts', async () => {
    let naps = 0;
    run = async () => (++naps <= 6 ? snooze('10m') : 'awake');
    const id = await add(1);
    await world.settle();
    for (let nap = 1; nap <= 6; nap += 1) await world.advance(10 * 60_000);
    expect(attempts()).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(await recordOf(id)).toMatchObject({ state: 'done', generation: 6, result: 'awake' });
  });

  test('is ended at its time limit, and its signal aborts', async () => {
    let aborted: unknown;
    run = (_input, { signal, attempt }) =>
      new Promise((resolve) => {
        if (attempt === 2) resolve('in time');
        signal.addEventListener('abort', () => {
          aborted = signal.reason;
        });
      });
    const id = await add(1);
    await expect.poll(() => runs.length).toBe(1);
    await world.pass(60_000);
    expect(aborted).toMatchObject({ code: 'JOB_TIMEOUT' });
    // The retry is due within the same minute.
    expect(attempts()).toEqual([1, 2]);
    expect(await recordOf(id)).toMatchObject({ errors: 1, result: 'in time' });
  });
});

describe('long work', () => {
  test('goes on from its cursor, slice by slice, each with all its attempts and steps of its own', async () => {
    const effects: string[] = [];
    run = async (_input, { cursor, attempt, step }) => {
      const at = (cursor as number | undefined) ?? 0;
      await step('page', async ({ key }) => effects.push(key));
      if (at === 1 && attempt === 1) throw new Error('once');
      return at < 2 ? continueWith(at + 1) : 'all';
    };
    const id = await add(1);
    await world.settle();
    await world.advance(10_000);
    expect(runs.map(({ cursor, attempt }) => [cursor, attempt])).toEqual([
      [undefined, 1],
      [1, 1],
      [1, 2],
      [2, 1],
    ]);
    expect(effects).toEqual([`${id}:page`, `${id}:1:page`, `${id}:2:page`]);
    expect(await recordOf(id)).toMatchObject({ state: 'done', slice: 2, result: 'all' });
  });

  test('can be cancelled from outside: at once while it waits, at its next heartbeat while it runs', async () => {
    const waiting = await add(1, { delay: '1m' });
    expect(await cancelJob(services(), world.tenant.id, waiting)).toBe('cancelled');
    await world.advance(61_000);
    expect(runs).toEqual([]);
    run = async (_input, { id, progress }) => {
      await progress({ page: 7 });
      expect(await recordOf(id)).toMatchObject({ state: 'running', progress: { page: 7 } });
      expect(await cancelJob(services(), world.tenant.id, id)).toBe('requested');
      await progress({ page: 8 });
      return 'not reached';
    };
    const running = await add(2);
    await world.settle();
    expect(await recordOf(running)).toMatchObject({ state: 'cancelled', reason: 'CANCELLED', result: undefined });
    expect(await cancelJob(services(), world.tenant.id, running)).toBe('cancelled');
    expect(await cancelJob(services(), world.tenant.id, 'job_none')).toBe('missing');
  });
});

describe('several jobs', () => {
  test('of one unique key: one runs, the others end as its duplicates, until it has ended', async () => {
    const addSingle = (n: number) => world.app.within((tenant) => enqueue(tenant, single, { n }, { delay: '1s' }));
    const [first, second, third] = [await addSingle(1), await addSingle(1), await addSingle(2)];
    await world.advance(2_000);
    expect(await recordOf(first)).toMatchObject({ state: 'done' });
    expect(await recordOf(second)).toMatchObject({ state: 'cancelled', reason: 'DUPLICATE', duplicateOf: first });
    expect(await recordOf(third)).toMatchObject({ state: 'done' });
    const again = await addSingle(1);
    await world.advance(2_000);
    expect(await recordOf(again)).toMatchObject({ state: 'done' });
  });

  test('with a debounce: the last one runs', async () => {
    const ids: string[] = [];
    for (const n of [1, 2, 3]) {
      ids.push(await world.app.within((tenant) => enqueue(tenant, settling, { n })));
      await world.advance(20_000);
    }
    await world.advance(30_000);
    expect(runs.map(({ n }) => n)).toEqual([3]);
    expect(await recordOf(ids[0] ?? '')).toMatchObject({ state: 'cancelled', reason: 'SUPERSEDED' });
  });

  test('of one id: one runs', async () => {
    const id = `own_${world.app.test.platform
      .scope()
      .system.token()
      .replace(/[^A-Za-z0-9]/g, '')}`;
    await add(1, { id });
    await world.settle();
    await add(1, { id });
    await add(1, { id, delay: '11m' });
    await world.advance(12 * 60_000);
    expect(runs).toHaveLength(1);
  });

  test('in a chain: each begins when the one before is done', async () => {
    run = async ({ n }) => (n === 4 ? fatal('STOP') : n);
    const chain = plan(other, { n: 2 }, { next: plan(plain, { n: 3 }) });
    await add(1, { next: chain });
    await world.settle();
    expect(runs.map(({ name, n }) => [name, n])).toEqual([
      ['plain', 1],
      ['other', 2],
      ['plain', 3],
    ]);
    await add(4, { next: plan(other, { n: 5 }) });
    await world.settle();
    expect(runs.map(({ n }) => n)).toEqual([1, 2, 3, 4]);
  });

  test('fanned out: one more runs when all have ended, also if some have failed', async () => {
    run = async ({ n }) => (n === 2 ? fatal('NO') : n);
    await world.app.within((tenant) =>
      enqueueMany(tenant, plain, [{ n: 1 }, { n: 2 }, { n: 3 }], { whenAllEnded: plan(other, { n: 100 }) }),
    );
    await world.settle();
    expect(runs.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 100]);
    expect(runs.at(-1)).toMatchObject({ name: 'other', n: 100 });
  });

  test('enqueued by a job: once for each key, however often it runs', async () => {
    run = async ({ n }, { attempt, enqueue: add_ }) => {
      if (n !== 1) return n;
      await add_(other, { n: 7 }, { key: 'child' });
      return attempt === 1 ? retryLater('1s') : 'done';
    };
    await add(1);
    await world.advance(60_000);
    expect(runs.map(({ name }) => name).toSorted()).toEqual(['other', 'plain', 'plain']);
  });
});

test('two jobs of one name, and declarations that make no sense, are refused', () => {
  expect(() => createJobs([plain, plain])).toThrow(/Two jobs/);
  for (const [name, more] of [
    ['Upper', {}],
    ['a/b', {}],
    ['a', { retries: -1 }],
    ['a', { timeout: '3h' }],
    ['a', { debounce: '1s' }],
    ['a', { concurrency: 0 }],
    ['a', { backoff: { max: '2d' } }],
  ] as const) {
    expect(() => job(name, { input, run: body('x'), ...more }), name).toThrow(
      expect.objectContaining({ code: 'JOB_DEFINITION' }),
    );
  }
});
