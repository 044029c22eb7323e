/** One fault at each step of a job, from COMMIT to the end of the run. */
import { describe, expect, test } from 'vitest';
import { continueWith, snooze } from '../../../src/platform/jobs/index.ts';
import type { JobFault, JobStep } from '../../support/faulty-fetch.ts';
import { useFaults } from './fault-bench.ts';

const MINUTE = 60_000;
const bench = useFaults();

describe('after COMMIT', () => {
  test.each<[JobStep, JobFault]>([
    ['admit', 'down'],
    ['admit', 'lost'],
    ['publish', 'down'],
    ['publish', 'lost'],
  ])('%s fails (%s): the drain publishes the job', async (step, fault) => {
    const asked = await bench.begin({ [step]: [fault] });
    expect(await bench.world.outbox()).toHaveLength(1);
    await bench.world.tick();
    await bench.expectDone(asked);
  });

  test.each<[JobStep, JobFault]>([
    ['admit', 'die-before'],
    ['admit', 'die-after'],
    ['publish', 'die-before'],
    ['publish', 'die-after'],
  ])('the process dies at %s (%s): another process publishes the job', async (step, fault) => {
    const asked = await bench.begin({ [step]: [fault] });
    bench.world.replace();
    await bench.world.tick();
    await bench.expectDone(asked);
  });

  test('overlapping drains publish a job once', async () => {
    const asked = await bench.begin({ admit: ['down'] });
    const [one, two] = [bench.world.replace(), bench.world.replace()];
    await bench.world.advance(10_000);
    await Promise.all([one, two, one, two].map(({ test: { platform } }) => platform.scheduled()));
    await bench.world.settle();
    await bench.expectDone(asked);
    expect([...one.published, ...two.published]).toHaveLength(1);
  });

  test.each([
    ['in seconds', () => '300', 5],
    ['as a date', () => new Date(bench.world.qstash.clock.now() + 360_000).toUTCString(), 5],
    ['of a day, which is bounded to ten minutes', () => '86400', 10],
    ['that is nonsense', () => 'soon', 1],
  ])('QStash answers 429 with Retry-After %s: the next drain waits for it', async (_form, headerOf, minutes) => {
    const refusal = () => ({ refusal: new Response('', { status: 429, headers: { 'retry-after': headerOf() } }) });
    const asked = await bench.begin({ publish: ['down'] });
    bench.world.app.faults.publish = [refusal()];
    await bench.world.tick();
    expect(bench.world.app.faults.publish).toEqual([]);
    const requests = bench.world.app.published.length;
    if (minutes > 1) {
      await bench.world.tick(minutes - 1);
      expect(bench.world.app.published).toHaveLength(requests);
    }
    await bench.world.tick(2);
    expect(bench.world.app.published.length).toBeGreaterThan(requests);
    await bench.expectDone(asked);
  });

  test('QStash loses the message: the sweep publishes the job again', async () => {
    const asked = await bench.begin({ publish: ['swallow'] });
    expect(await bench.world.outbox()).toEqual([]);
    await bench.world.tick(14);
    expect(bench.runs).toBe(0);
    await bench.world.tick(3);
    await bench.expectDone(asked);
    expect((await bench.world.read(asked.id))?.generation).toBe(1);
  });
});

describe('at the claim', () => {
  test('the answer is lost: a repeated request gives the same claim', async () => {
    const asked = await bench.begin({ claim: ['lost'] });
    await bench.expectDone(asked);
    expect(bench.world.app.asked.flat().filter((step) => step === 'claim')).toHaveLength(2);
    expect((await bench.world.read(asked.id))?.attempt).toBe(1);
  });

  test('Redis is down: the job is redelivered', async () => {
    const asked = await bench.begin({ claim: ['down', 'down', 'down'] });
    expect(bench.runs).toBe(0);
    await bench.world.advance(10_000);
    await bench.expectDone(asked);
  });

  test('the process dies: the job is busy until its lease ends, then runs, and the crash is counted', async () => {
    const asked = await bench.begin({ claim: ['die-after'] });
    bench.world.replace();
    await bench.world.advance(30_000);
    expect(bench.runs).toBe(0);
    await bench.world.advance(2 * MINUTE);
    await bench.expectDone(asked);
    expect(await bench.world.read(asked.id)).toMatchObject({ crashes: 1, errors: 0, attempt: 2 });
  });
});

describe('in the run', () => {
  test('the process dies after its write: the job runs again without repeating the write', async () => {
    let deaths = 0;
    bench.run = async () => {
      if (deaths++ > 0) return 'ok';
      bench.world.cut();
      return new Promise(() => {});
    };
    const asked = await bench.begin();
    await bench.world.advance(5 * MINUTE);
    await bench.expectDone(asked, 2);
  });

  test('the process dies again and again: the job becomes dead without using up its attempts', async () => {
    bench.run = () => {
      bench.world.cut();
      return new Promise(() => {});
    };
    const asked = await bench.begin();
    for (let minute = 0; minute < 30; minute += 1) {
      await bench.world.advance(MINUTE);
    }
    expect(await bench.world.read(asked.id)).toMatchObject({ state: 'dead', reason: 'CRASHED', crashes: 3, errors: 0 });
    expect(bench.runs).toBe(3);
  });

  test('a run that outlived its lease changes nothing', async () => {
    const asleep = Promise.withResolvers<void>();
    const inside = Promise.withResolvers<void>();
    const outcomes: unknown[] = [];
    bench.run = async ({ attempt, step, fence }) => {
      if (attempt > 1) return 'ok';
      inside.resolve();
      await asleep.promise;
      outcomes.push(await step('late', async () => 'late').catch((error: unknown) => error));
      outcomes.push(fence);
      return 'from the late one';
    };
    const asked = await bench.begin({}, 3_600_000);
    const [{ body } = { body: '' }] = bench.world.app.published;
    const first = bench.world.deliver('fault.effect', body);
    await inside.promise;
    const busy = await bench.world.deliver('fault.effect', body);
    expect([busy.status, Number(busy.headers.get('retry-after'))]).toEqual([409, expect.closeTo(75, -1)]);
    // The timer does not fire, because the process sleeps.
    await bench.world.qstash.clock.advance(76_000);
    expect((await bench.world.deliver('fault.effect', body)).status).toBe(200);
    asleep.resolve();
    expect((await first).status).toBe(409);
    expect(outcomes[0]).toMatchObject({ code: 'JOB_LEASE_LOST' });
    await bench.expectDone(asked, 2);
    await bench.world.advance(3_600_000);
    expect(bench.runs).toBe(2);
  });
});

test('a write of two simultaneous runs happens once, and both get its result', async () => {
  const inside = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const gave: number[] = [];
  bench.run = async ({ attempt, transaction }) => {
    gave.push(
      await transaction('both', async () => {
        inside.resolve();
        await go.promise;
        return attempt;
      }),
    );
    return 'ok';
  };
  const asked = await bench.begin({}, 3_600_000);
  const [{ body } = { body: '' }] = bench.world.app.published;
  const first = bench.world.deliver('fault.effect', body);
  await inside.promise;
  await bench.world.qstash.clock.advance(76_000);
  const second = bench.world.deliver('fault.effect', body);
  await expect.poll(() => bench.runs).toBe(2);
  go.resolve();
  expect([(await first).status, (await second).status]).toEqual([409, 200]);
  expect(gave).toEqual([1, 1]);
  await bench.expectDone(asked, 2);
});

describe('at the end of the run', () => {
  test('the answer is lost: a repeated request gives the same answer', async () => {
    const asked = await bench.begin({ finish: ['lost', 'down'] });
    await bench.expectDone(asked);
    expect(bench.world.app.asked.flat().filter((step) => step === 'finish')).toHaveLength(3);
  });

  test('Redis stays down: the job runs again after the lease without repeating its write', async () => {
    const asked = await bench.begin({ finish: Array.from({ length: 6 }, () => 'down' as const) });
    bench.world.replace();
    expect(await bench.world.read(asked.id)).toMatchObject({ state: 'running' });
    await bench.world.advance(2 * MINUTE);
    await bench.expectDone(asked, 2);
  });

  test('the process dies after the end: the message is redelivered, and the job does not run again', async () => {
    const asked = await bench.begin({ finish: ['die-after'] });
    bench.world.replace();
    await bench.world.advance(5 * MINUTE);
    await bench.expectDone(asked);
  });

  test.each<[string, JobStep, JobFault]>([
    ['dies before the next generation is published', 'finish', 'die-after'],
    ['cannot publish the next generation', 'publish', 'down'],
  ])('a snooze or a slice whose process %s is published by the sweep', async (_name, step, fault) => {
    bench.run = async ({ cursor, step: once }) => {
      if (cursor === undefined) {
        bench.world.app.faults = { [step]: [fault] };
        return continueWith('second');
      }
      const naps = await once('nap', async () => bench.world.qstash.clock.now());
      return naps === bench.world.qstash.clock.now() ? snooze('30s') : 'ok';
    };
    const asked = await bench.begin();
    bench.world.replace();
    await bench.world.tick(4);
    expect(await bench.world.read(asked.id)).toMatchObject({ state: 'done', slice: 1 });
    // Two slices with one write each; the second slice ran twice.
    expect([bench.runs, (await bench.rowsNamed(asked.text)).length]).toEqual([3, 2]);
    expect(await bench.world.outbox()).toEqual([]);
  });
});

describe('deliveries', () => {
  test('many at once: one runs, the others are asked to retry; a later delivery has nothing to do', async () => {
    const asked = await bench.begin({}, 3_600_000);
    const [{ body } = { body: '' }] = bench.world.app.published;
    const inside = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    bench.run = async () => {
      inside.resolve();
      await go.promise;
      return 'ok';
    };
    const [one, two] = [bench.world.app, bench.world.replace()];
    const first = bench.world.deliver('fault.effect', body, { to: one });
    await inside.promise;
    const others = await Promise.all(
      [one, two, one, two].map((to) => bench.world.deliver('fault.effect', body, { to })),
    );
    expect(others.map(({ status }) => status)).toEqual([409, 409, 409, 409]);
    go.resolve();
    expect((await first).status).toBe(200);
    const again = await bench.world.deliver('fault.effect', body);
    expect([again.status, await again.json()]).toEqual([200, { state: 'done' }]);
    await bench.expectDone(asked);
  });

  test('of an older generation are dropped', async () => {
    const asked = await bench.begin({}, 3_600_000);
    const [{ body } = { body: '' }] = bench.world.app.published;
    bench.run = async ({ attempt, step }) => {
      const first = await step('first', async () => attempt);
      return first === attempt && bench.runs === 1 ? snooze('2h') : 'ok';
    };
    await bench.world.deliver('fault.effect', body);
    const old = await bench.world.deliver('fault.effect', body);
    expect([old.status, await old.json()]).toEqual([200, { state: 'superseded' }]);
    expect(bench.runs).toBe(1);
    await bench.world.advance(3 * 3_600_000);
    await bench.expectDone(asked, 2);
  });

  test('whose record Redis has lost run nevertheless, without repeating their writes', async () => {
    const asked = await bench.begin();
    await bench.expectDone(asked);
    const [{ body } = { body: '' }] = bench.world.app.published;
    const scope = bench.world.app.test.platform.scope();
    await scope.redis.del(`hf:${bench.world.tenant.id}:j:${asked.id}`);
    await scope.end();
    expect((await bench.world.deliver('fault.effect', body)).status).toBe(200);
    await bench.expectDone(asked, 2);
  });

  test('that are older than the lifetime of records are refused', async () => {
    const asked = await bench.begin();
    const [{ body } = { body: '' }] = bench.world.app.published;
    const scope = bench.world.app.test.platform.scope();
    await scope.redis.del(`hf:${bench.world.tenant.id}:j:${asked.id}`);
    await scope.end();
    await bench.world.advance(8 * 86_400_000);
    const response = await bench.world.deliver('fault.effect', body);
    expect([response.status, response.headers.get('upstash-nonretryable-error')]).toEqual([489, 'true']);
    expect(bench.runs).toBe(1);
  });
});
