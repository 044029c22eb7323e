/** The life of a job from the enqueuing write to its result, its cost, and every possible end of a run. */
import { describe, expect, test } from 'vitest';
import type { TenantScope } from '../../../src/platform/http/index.ts';
import {
  cancel,
  countJobs,
  done,
  enqueue,
  enqueueMany,
  fatal,
  listJobs,
  replayJob,
  retryLater,
  snooze,
} from '../../../src/platform/jobs/index.ts';
import { useRuns } from './run-bench.ts';

const bench = useRuns();

describe('a successful job', () => {
  test('runs after its write with its input, and its result is stored', async () => {
    const at = new Date('2026-11-20T00:00:00Z');
    bench.run = async ({ n, at: given }, { id, tenant, fence }) => ({
      n,
      given,
      id,
      tenant: tenant.tenant,
      fence: fence > 0,
    });
    const id = await bench.world.app.within((tenant) =>
      tenant.commit(async (tx) => {
        await tx.db.company.create({
          data: { tenantId: tx.tenant, id: `comp_${tx.system.token().slice(0, 8)}x`, name: 'Kelp' },
        });
        return enqueue(tx, bench.jobs.plain, { n: 1, at });
      }),
    );
    await bench.world.settle();
    expect(await bench.recordOf(id)).toMatchObject({
      name: 'test.plain',
      state: 'done',
      attempt: 1,
      result: { n: 1, given: at, id, tenant: bench.world.tenant.id, fence: true },
    });
    expect(await bench.world.outbox()).toEqual([]);
    const listed = await listJobs(bench.services(), bench.world.tenant.id, { name: 'test.plain', state: 'done' });
    expect(listed.map((each) => each.id)).toContain(id);
  });

  test('is counted in the state that it reached, for each state that is asked for', async () => {
    const count = () => countJobs(bench.services(), bench.world.tenant.id, 'test.plain', ['dead', 'done']);
    const before = await count();
    await bench.add(1);
    await bench.world.settle();
    const { dead = 0, done: ended = 0 } = Object.fromEntries(before);
    expect([...(await count())]).toEqual([
      ['dead', dead],
      ['done', ended + 1],
    ]);
  });

  test('costs 1 request to enqueue, 2 to run, with a command each, and 1 to QStash', async () => {
    await bench.add(1);
    await bench.world.settle();
    expect(bench.world.app.asked).toEqual([['admit'], ['publish'], ['claim'], ['finish']]);
  });

  test('costs 1 statement without a transaction to enqueue, 1 more in a write, and 1 after the answer', async () => {
    const { tenant } = bench.world;
    const counted = async (write: (own: TenantScope) => Promise<unknown>) => {
      const { scope, begun } = countedScope();
      await write(scope.tenant(tenant.id));
      const { queries } = scope.queryMeter;
      await scope.end();
      return { transactions: begun(), statements: queries, later: scope.queryMeter.queries - queries };
    };
    const alone = await counted((own) => enqueue(own, bench.jobs.plain, { n: 1 }));
    expect(alone).toEqual({ transactions: 0, statements: 1, later: 1 });
    const many = await counted((own) => enqueueMany(own, bench.jobs.plain, [{ n: 2 }, { n: 3 }]));
    expect(many).toEqual({ transactions: 0, statements: 1, later: 1 });
    const inWrite = await counted(({ commit }) =>
      commit(async (tx) => {
        await tx.query('SELECT 1', []);
        await enqueue(tx, bench.jobs.plain, { n: 4 });
      }),
    );
    expect(inWrite).toEqual({ transactions: 1, statements: 2, later: 1 });
    await bench.world.settle();
    expect(bench.runs.map(({ n }) => n).toSorted()).toEqual([1, 2, 3, 4]);
  });

  test('costs no statement after the answer if the publication fails', async () => {
    bench.world.app.faults.publish = ['down'];
    const { scope } = countedScope();
    await enqueue(scope.tenant(bench.world.tenant.id), bench.jobs.plain, { n: 1 });
    const { queries } = scope.queryMeter;
    await scope.end();
    expect(bench.world.app.faults.publish).toEqual([]);
    expect(scope.queryMeter.queries - queries).toBe(0);
    await bench.world.query('DELETE FROM outbox');
  });

  test('is enqueued once, in the transaction of the call, if a call with an idempotency key is repeated', async () => {
    const { tenant } = bench.world;
    const enqueued = async () => {
      const { scope, begun } = countedScope();
      const own = scope.tenant(tenant.id);
      const sealer = scope.sealer ?? expect.fail('no keys');
      own.call = { caller: 'user_1', key: 'once', fingerprints: ['same'], sealer, begun: 0, repeated: false };
      const id = await enqueue(own, bench.jobs.plain, { n: 3 });
      await scope.end();
      expect(begun()).toBe(1);
      return id;
    };
    expect(await enqueued()).toBe(await enqueued());
    await bench.world.settle();
    expect(bench.runs).toHaveLength(1);
  });

  /** Returns a new scope, and a function that returns the number of its transactions. */
  function countedScope() {
    const scope = bench.world.app.test.platform.scope();
    let begun = 0;
    const { store } = scope;
    const transaction: typeof store.transaction = (...args) => {
      begun += 1;
      return store.transaction(...args);
    };
    Object.defineProperty(scope, 'store', { value: { ...store, transaction } });
    return { scope, begun: () => begun };
  }

  test('does not run if its write fails or its input is invalid', async () => {
    const failing = bench.world.app.within((tenant) =>
      tenant.commit(async (tx) => {
        await enqueue(tx, bench.jobs.plain, { n: 1 });
        throw new Error('no');
      }),
    );
    await expect(failing).rejects.toThrow('no');
    const wrong = { n: 'S3cret' } as unknown as { n: number };
    await expect(bench.world.app.within((tenant) => enqueue(tenant, bench.jobs.plain, wrong))).rejects.toMatchObject({
      code: 'JOB_INPUT_INVALID',
      message: expect.not.stringContaining('S3cret'),
    });
    const large = bench.world.app.within((tenant) => enqueue(tenant, bench.jobs.secret, { word: 'x'.repeat(300_000) }));
    await expect(large).rejects.toMatchObject({ code: 'JOB_INPUT_TOO_LARGE' });
    await bench.world.settle();
    expect([bench.runs, bench.world.app.asked, await bench.world.outbox()]).toEqual([[], [], []]);
  });

  test('is admitted together with others in one request, and published with them in one', async () => {
    const ids = await bench.world.app.within((tenant) =>
      enqueueMany(tenant, bench.jobs.plain, [{ n: 1 }, { n: 2 }, { n: 3 }]),
    );
    await bench.world.settle();
    expect(bench.world.app.asked.slice(0, 2)).toEqual([['admit', 'admit', 'admit'], ['publish']]);
    expect(await Promise.all(ids.map(async (id) => (await bench.recordOf(id)).result))).toEqual([2, 4, 6]);
  });

  test('is refused with its own code if it is due in more than a year', async () => {
    const far = bench.world.qstash.clock.now() + 366 * 86_400_000;
    const refusal = { code: 'JOB_DELAY_TOO_LONG', message: 'A job may be due in 365 days at most, not 366.0' };
    await expect(bench.add(1, { delay: '366d' })).rejects.toMatchObject(refusal);
    await expect(bench.add(1, { notBefore: far })).rejects.toMatchObject(refusal);
    const many = bench.world.app.within((tenant) =>
      enqueueMany(tenant, bench.jobs.plain, [{ n: 1 }, { n: 2 }], { delay: '366d' }),
    );
    await expect(many).rejects.toMatchObject(refusal);
    expect(() => snooze('366d')).toThrow(expect.objectContaining(refusal));
    expect(await bench.world.outbox()).toEqual([]);
    const justAYear = bench.world.app.within((tenant) =>
      tenant.commit(async (tx) => {
        await enqueue(tx, bench.jobs.plain, { n: 1 }, { delay: '365d' });
        throw new Error('taken, and taken back');
      }),
    );
    await expect(justAYear).rejects.toThrow('taken, and taken back');
    expect(snooze('365d').outcome).toEqual({ kind: 'snooze', ms: 365 * 86_400_000 });
  });

  test('waits for its delay, and for a time beyond the longest delay of QStash', async () => {
    const soon = await bench.add(1, { delay: '90s' });
    const far = await bench.add(2, { notBefore: bench.world.qstash.clock.now() + 20 * 86_400_000 });
    await bench.world.settle();
    expect((await bench.recordOf(soon)).state).toBe('queued');
    expect(await bench.world.read(far)).toBeNull();
    await bench.world.advance(91_000);
    expect((await bench.recordOf(soon)).state).toBe('done');
    await bench.world.advance(15 * 86_400_000);
    await bench.world.tick();
    expect((await bench.recordOf(far)).state).toBe('queued');
    await bench.world.advance(5 * 86_400_000);
    expect((await bench.recordOf(far)).state).toBe('done');
  });

  test('has its delivery settings in the message to QStash', async () => {
    const [id] = await bench.world.app.within((tenant) => enqueueMany(tenant, bench.jobs.lanes, [{ n: 1 }]));
    await bench.world.settle();
    expect(bench.world.app.published[0]).toMatchObject({
      destination: `${bench.world.url}/jobs/run/test.lanes`,
      headers: {
        'upstash-deduplication-id': `${bench.world.tenant.id}:${id}:0`,
        'upstash-retries': '10',
        'upstash-retry-delay': 'min(3600000, 10000 * pow(2, retried))',
        'upstash-timeout': '70s',
        'upstash-label': 'test.lanes',
        'upstash-flow-control-key': 'lanes.low',
        'upstash-flow-control-value': 'parallelism=2',
      },
    });
  });

  test('with a sensitive input has no readable part of it in transit or in storage', async () => {
    const id = await bench.world.app.within((tenant) =>
      enqueue(tenant, bench.jobs.secret, { word: 'anemone' }, { delay: '1m' }),
    );
    const key = `hf:${bench.world.tenant.id}:j:${id}`;
    const scope = bench.world.app.test.platform.scope();
    const stored = JSON.stringify(await scope.redis.hgetall(key));
    expect(stored).toContain('test.secret');
    await bench.world.advance(61_000);
    const result = await scope.redis.get(`hf:${bench.world.tenant.id}:jr:${id}`);
    for (const text of [stored, String(result), JSON.stringify(bench.world.app.published)])
      expect(text).not.toContain('anemone');
    expect((await bench.recordOf(id)).result).toBe('anemone');
    await scope.end();
  });
});

describe('an unsuccessful run', () => {
  test('is retried after its backoff, and the job is dead when no attempt is left', async () => {
    bench.run = async () => {
      throw Object.assign(new TypeError('the shop refused S3cret'), { code: 'kelp' });
    };
    const id = await bench.add(1);
    await bench.world.settle();
    expect(await bench.recordOf(id)).toMatchObject({
      ...{ state: 'failed', errors: 1, reason: 'TypeError kelp', errorMessage: 'the shop refused […]' },
    });
    for (const [seconds, before] of [
      [10, 1],
      [20, 2],
      [40, 3],
    ] as const) {
      await bench.world.advance(seconds * 1000 - 1);
      expect(bench.attempts()).toHaveLength(before);
      await bench.world.advance(1);
      expect(bench.attempts()).toHaveLength(before + 1);
    }
    expect(bench.attempts()).toEqual([1, 2, 3, 4]);
    expect(await bench.recordOf(id)).toMatchObject({
      ...{ state: 'dead', reason: 'TypeError kelp', errorMessage: 'the shop refused […]' },
    });
    expect((await bench.world.deadLetters()).filter(({ body }) => body.includes(id))).toHaveLength(1);
    expect(bench.world.app.test.lines.join('\n')).not.toContain('S3cret');
    // Replaying keeps the id and gives the job all its attempts again.
    bench.run = async () => 'mended';
    expect(await replayJob(bench.services(), bench.world.tenant.id, id)).toBe('queued');
    expect(await bench.recordOf(id)).toMatchObject({ state: 'queued', reason: null, errorMessage: null });
    await bench.world.settle();
    expect(await bench.recordOf(id)).toMatchObject({ state: 'done', generation: 1, attempt: 1, result: 'mended' });
    expect(await replayJob(bench.services(), bench.world.tenant.id, id)).toBe('done');
  });

  test('may set the time of its retry: retryLater, returned or thrown', async () => {
    bench.run = async (_input, { attempt }) => {
      if (attempt === 1) throw retryLater('5m');
      return attempt === 2 ? retryLater('7m') : 'third';
    };
    const id = await bench.add(1);
    await bench.world.advance(5 * 60_000 - 1);
    expect(bench.attempts()).toEqual([1]);
    await bench.world.advance(7 * 60_000 + 1);
    expect(bench.attempts()).toEqual([1, 2, 3]);
    expect((await bench.recordOf(id)).result).toBe('third');
  });

  test('may name the moment of its retry as a Date; a moment in the past means at once, a distant one a day', async () => {
    const now = () => bench.services().system.now();
    bench.run = async (_input, { attempt }) => {
      if (attempt === 1) return retryLater(new Date(now() + 5 * 60_000));
      if (attempt === 2) return retryLater(new Date(now() - 5 * 60_000));
      return attempt === 3 ? retryLater(new Date(now() + 400 * 86_400_000)) : 'fourth';
    };
    const id = await bench.add(1);
    await bench.world.settle();
    await bench.world.advance(5 * 60_000 - 2_000);
    expect(bench.attempts()).toEqual([1]);
    await bench.world.advance(5_000);
    expect(bench.attempts()).toEqual([1, 2, 3]);
    await bench.world.advance(86_400_000 - 10_000);
    expect(bench.attempts()).toEqual([1, 2, 3]);
    await bench.world.advance(20_000);
    expect((await bench.recordOf(id)).result).toBe('fourth');
    expect(() => retryLater(new Date(Number.NaN))).toThrow(TypeError);
  });

  test('may be fatal immediately, cancel itself, or be done by throwing', async () => {
    const outcomes = [fatal('NO_SUCH_INVOICE'), cancel('NOT_WANTED'), done('thrown')];
    bench.run = async ({ n }) => {
      throw outcomes[n];
    };
    const ids = await bench.world.app.within((tenant) =>
      enqueueMany(tenant, bench.jobs.plain, [{ n: 0 }, { n: 1 }, { n: 2 }]),
    );
    await bench.world.advance(3_600_000);
    expect(bench.runs).toHaveLength(3);
    expect(await Promise.all(ids.map(bench.recordOf))).toMatchObject([
      { state: 'dead', reason: 'NO_SUCH_INVOICE' },
      { state: 'cancelled', reason: 'NOT_WANTED' },
      { state: 'done', result: 'thrown' },
    ]);
  });

  test('may snooze any number of times without using up attempts', async () => {
    let naps = 0;
    bench.run = async () => (++naps <= 6 ? snooze('10m') : 'awake');
    const id = await bench.add(1);
    await bench.world.settle();
    for (let nap = 1; nap <= 6; nap += 1) await bench.world.advance(10 * 60_000);
    expect(bench.attempts()).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(await bench.recordOf(id)).toMatchObject({ state: 'done', generation: 6, result: 'awake' });
  });

  test('ends at its time limit, and its signal aborts', async () => {
    let aborted: unknown;
    bench.run = (_input, { signal, attempt }) =>
      new Promise((resolve) => {
        if (attempt === 2) resolve('in time');
        signal.addEventListener('abort', () => {
          aborted = signal.reason;
        });
      });
    const id = await bench.add(1);
    await expect.poll(() => bench.runs.length).toBe(1);
    await bench.world.pass(60_000);
    expect(aborted).toMatchObject({ code: 'JOB_TIMEOUT' });
    // The retry is due within the same minute.
    expect(bench.attempts()).toEqual([1, 2]);
    expect(await bench.recordOf(id)).toMatchObject({ errors: 1, result: 'in time' });
  });
});
