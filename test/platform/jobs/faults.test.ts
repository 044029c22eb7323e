/**
 * One fault at each step of a job's way, from COMMIT to the end of the run. The rule after every one: the job is run, it
 * is done, nothing is owed, and what it wrote to the database was written once.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  cancel,
  continueWith,
  enqueue,
  fatal,
  type JobContext,
  type JobOutcome,
  job,
  snooze,
} from '../../../src/jobs/index.ts';
import { jobKeys, memberOf } from '../../../src/jobs/keys.ts';
import type { JobFault, JobStep } from '../../support/faulty-fetch.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

let world: JobWorld;
let run: (context: JobContext) => Promise<unknown>;
let runs: number;
let effects: string[];

const MINUTE = 60_000;
const effect = job('fault.effect', {
  input: z.object({ text: z.string() }),
  retries: 3,
  async run({ text }, context): Promise<string | JobOutcome> {
    // Those of earlier tests may still come.
    if (text !== `text ${texts}`) return fatal('OF_ANOTHER_TEST');
    runs += 1;
    effects.push(
      await context.transaction('write', async (tx) => {
        const id = `comp_${tx.system.token().replace(/[^A-Za-z0-9]/g, '')}`;
        await tx.db.company.create({ data: { tenantId: tx.tenant, id, name: text } });
        return id;
      }),
    );
    return (await run(context)) as string;
  },
});

beforeAll(async () => {
  world = await openJobWorld([effect]);
});
beforeEach(() => {
  world.replace();
  runs = 0;
  effects = [];
  run = async () => 'ok';
});
afterAll(() => world.close());

let texts = 0;
/** Enqueues on the current instance; one that dies never comes back from it. */
async function begin(
  faults: Partial<Record<JobStep, JobFault[]>> = {},
  delay = 0,
): Promise<{ id: string; text: string }> {
  texts += 1;
  const [id, text] = [`job_fault${texts}`, `text ${texts}`];
  const { app } = world;
  app.faults = faults;
  const enqueued = app.within((tenant) => enqueue(tenant, effect, { text }, { id, delay }));
  await Promise.race([enqueued, app.died]);
  await world.settle();
  return { id, text };
}

const rowsNamed = (text: string) => world.query('SELECT id FROM companies WHERE name = $1', [text]);
async function expectDone({ id, text }: { id: string; text: string }, ran = 1): Promise<void> {
  expect(await world.read(id)).toMatchObject({ state: 'done', result: 'ok' });
  expect(await rowsNamed(text)).toHaveLength(1);
  expect(new Set(effects).size).toBe(1);
  expect(runs).toBe(ran);
  expect(await world.owed()).toEqual([]);
}
describe('after COMMIT', () => {
  test.each<[JobStep, JobFault]>([
    ['admit', 'down'],
    ['admit', 'lost'],
    ['publish', 'down'],
    ['publish', 'lost'],
  ])('%s fails (%s): the drain publishes it', async (step, fault) => {
    const asked = await begin({ [step]: [fault] });
    expect(await world.owed()).toHaveLength(1);
    await world.tick();
    await expectDone(asked);
  });

  test.each<[JobStep, JobFault]>([
    ['admit', 'die-before'],
    ['admit', 'die-after'],
    ['publish', 'die-before'],
    ['publish', 'die-after'],
  ])('the process dies at %s (%s): another one publishes it', async (step, fault) => {
    const asked = await begin({ [step]: [fault] });
    world.replace();
    await world.tick();
    await expectDone(asked);
  });

  test('drains that overlap publish it once, or QStash drops the second', async () => {
    const asked = await begin({ admit: ['down'] });
    const [one, two] = [world.replace(), world.replace()];
    await world.advance(10_000);
    await Promise.all([one, two, one, two].map(({ test: { platform } }) => platform.scheduled()));
    await world.settle();
    await expectDone(asked);
    expect([...one.published, ...two.published]).toHaveLength(1);
  });

  test('QStash loses the message: the sweep hands the job over anew', async () => {
    const asked = await begin({ publish: ['swallow'] });
    expect(await world.owed()).toEqual([]);
    await world.tick(14);
    expect(runs).toBe(0);
    await world.tick(3);
    await expectDone(asked);
    expect((await world.read(asked.id))?.generation).toBe(1);
  });
});

describe('in the sweep', () => {
  // A world of its own: the sweep also hands over the jobs that earlier tests have left.
  beforeAll(async () => {
    await world.close();
    world = await openJobWorld([effect]);
    // Its Redis does not know the scripts that this process has sent to another one, and would ask for each of them once.
    run = async () => 'ok';
    await begin({ publish: ['swallow'] });
    await world.tick(17);
  });

  test('a job handed over anew costs 3 requests to Redis and 1 to QStash, and is left alone for a while', async () => {
    const asked = await begin({ publish: ['swallow', 'swallow'] });
    await world.tick(14);
    world.app.asked.length = 0;
    await world.tick();
    expect(world.app.asked.filter(([step]) => step !== 'other')).toEqual([
      Array.from({ length: 16 }, () => 'late'),
      ['revive'],
      ['publish'],
      ['sent'],
    ]);
    world.app.asked.length = 0;
    await world.tick(10);
    expect(world.app.asked.flat()).not.toContain('revive');
    await world.tick(6);
    await expectDone(asked);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['done', async () => 'ok'],
    ['dead', async () => fatal('NO_MORE')],
    ['cancelled', async () => cancel('NOT_NEEDED')],
  ])('a job that is %s is not handed over, though it is late in the watch list', async (state, ending) => {
    run = ending;
    const { id } = await begin();
    await world.settle();
    expect(await world.read(id)).toMatchObject({ state });
    const { redis } = world.app.test.platform.scope();
    const [watched = ''] = jobKeys({ tenant: world.tenant.id, name: effect.name, id }).slice(3);
    const member = memberOf({ tenant: world.tenant.id, name: effect.name, id });
    await redis.exec(['ZADD', watched, '1', member]);
    world.app.published.length = 0;
    await world.tick();
    expect(world.app.published.filter(({ body }) => body.includes(id))).toEqual([]);
    expect(await world.read(id)).toMatchObject({ state });
    expect(await redis.exec(['ZSCORE', watched, member])).toBeNull();
  });

  test.each<[JobStep, JobFault]>([
    ['publish', 'down'],
    ['publish', 'lost'],
    ['publish', 'die-before'],
    ['publish', 'die-after'],
    ['sent', 'down'],
    ['sent', 'die-before'],
  ])('%s fails (%s): the next one, a minute later, hands the job over', async (step, fault) => {
    const asked = await begin({ publish: ['swallow'] });
    await world.tick(14);
    const { app } = world;
    app.faults = { [step]: [fault] };
    for (let minute = 0; minute < 3 && app.faults[step]?.length; minute += 1) {
      await Promise.race([world.tick(), app.died]);
    }
    expect(app.faults[step]).toEqual([]);
    world.replace();
    await world.tick(2);
    await expectDone(asked);
    expect((await world.read(asked.id))?.generation).toBe(1);
  });
});

describe('at the claim', () => {
  test('the answer is lost: asking again gives the same claim', async () => {
    const asked = await begin({ claim: ['lost'] });
    await expectDone(asked);
    expect(world.app.asked.flat().filter((step) => step === 'claim')).toHaveLength(2);
    expect((await world.read(asked.id))?.attempt).toBe(1);
  });

  test('Redis is down: it is delivered again', async () => {
    const asked = await begin({ claim: ['down', 'down', 'down'] });
    expect(runs).toBe(0);
    await world.advance(10_000);
    await expectDone(asked);
  });

  test('the process dies with it: it is busy until the lease ends, then run, and the crash is counted', async () => {
    const asked = await begin({ claim: ['die-after'] });
    world.replace();
    await world.advance(30_000);
    expect(runs).toBe(0);
    await world.advance(2 * MINUTE);
    await expectDone(asked);
    expect(await world.read(asked.id)).toMatchObject({ crashes: 1, errors: 0, attempt: 2 });
  });
});

describe('in the run', () => {
  test('the process dies after its write: it is run again, and the write is not made again', async () => {
    let deaths = 0;
    run = async () => {
      if (deaths++ > 0) return 'ok';
      world.cut();
      return new Promise(() => {});
    };
    const asked = await begin();
    await world.advance(5 * MINUTE);
    await expectDone(asked, 2);
  });

  test('it dies again and again: put aside as dead, without using up its attempts', async () => {
    run = () => {
      world.cut();
      return new Promise(() => {});
    };
    const asked = await begin();
    for (let minute = 0; minute < 30; minute += 1) {
      await world.advance(MINUTE);
    }
    expect(await world.read(asked.id)).toMatchObject({ state: 'dead', reason: 'CRASHED', crashes: 3, errors: 0 });
    expect(runs).toBe(3);
  });

  test('a run that slept through its lease changes nothing any more', async () => {
    const asleep = Promise.withResolvers<void>();
    const inside = Promise.withResolvers<void>();
    const outcomes: unknown[] = [];
    run = async ({ attempt, step, fence }) => {
      if (attempt > 1) return 'ok';
      inside.resolve();
      await asleep.promise;
      outcomes.push(await step('late', async () => 'late').catch((error: unknown) => error));
      outcomes.push(fence);
      return 'from the late one';
    };
    const asked = await begin({}, 3_600_000);
    const [{ body } = { body: '' }] = world.app.published;
    const first = world.deliver('fault.effect', body);
    await inside.promise;
    const busy = await world.deliver('fault.effect', body);
    expect([busy.status, Number(busy.headers.get('retry-after'))]).toEqual([409, expect.closeTo(75, -1)]);
    // Not the timer: that of a process that sleeps does not ring.
    await world.qstash.clock.advance(76_000);
    expect((await world.deliver('fault.effect', body)).status).toBe(200);
    asleep.resolve();
    expect((await first).status).toBe(409);
    expect(outcomes[0]).toMatchObject({ code: 'JOB_LEASE_LOST' });
    await expectDone(asked, 2);
    await world.advance(3_600_000);
    expect(runs).toBe(2);
  });
});

test('a write that two runs make at once is made by one, and both are given what it gave', async () => {
  const inside = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const gave: number[] = [];
  run = async ({ attempt, transaction }) => {
    gave.push(
      await transaction('both', async () => {
        inside.resolve();
        await go.promise;
        return attempt;
      }),
    );
    return 'ok';
  };
  const asked = await begin({}, 3_600_000);
  const [{ body } = { body: '' }] = world.app.published;
  const first = world.deliver('fault.effect', body);
  await inside.promise;
  await world.qstash.clock.advance(76_000);
  const second = world.deliver('fault.effect', body);
  await expect.poll(() => runs).toBe(2);
  go.resolve();
  expect([(await first).status, (await second).status]).toEqual([409, 200]);
  expect(gave).toEqual([1, 1]);
  await expectDone(asked, 2);
});

describe('at the end of the run', () => {
  test('the answer is lost: asking again gives the same answer', async () => {
    const asked = await begin({ finish: ['lost', 'down'] });
    await expectDone(asked);
    expect(world.app.asked.flat().filter((step) => step === 'finish')).toHaveLength(3);
  });

  test('Redis stays away: it is run again after the lease, and its write is not made again', async () => {
    const asked = await begin({ finish: Array.from({ length: 6 }, () => 'down' as const) });
    world.replace();
    expect(await world.read(asked.id)).toMatchObject({ state: 'running' });
    await world.advance(2 * MINUTE);
    await expectDone(asked, 2);
  });

  test('the process dies after it: the message comes again, and is not run again', async () => {
    const asked = await begin({ finish: ['die-after'] });
    world.replace();
    await world.advance(5 * MINUTE);
    await expectDone(asked);
  });

  test.each<[string, JobStep, JobFault]>([
    ['dies before the next generation is published', 'finish', 'die-after'],
    ['cannot publish the next generation', 'publish', 'down'],
  ])('a snooze or a slice whose process %s is handed over by the sweep', async (_name, step, fault) => {
    run = async ({ cursor, step: once }) => {
      if (cursor === undefined) {
        world.app.faults = { [step]: [fault] };
        return continueWith('second');
      }
      const naps = await once('nap', async () => world.qstash.clock.now());
      return naps === world.qstash.clock.now() ? snooze('30s') : 'ok';
    };
    const asked = await begin();
    world.replace();
    await world.tick(4);
    expect(await world.read(asked.id)).toMatchObject({ state: 'done', slice: 1 });
    // Two slices, so two writes, and the second was taken twice.
    expect([runs, (await rowsNamed(asked.text)).length]).toEqual([3, 2]);
    expect(await world.owed()).toEqual([]);
  });
});

describe('deliveries', () => {
  test('many at once: one runs, the others are told to come back; afterwards there is nothing left to do', async () => {
    const asked = await begin({}, 3_600_000);
    const [{ body } = { body: '' }] = world.app.published;
    const inside = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    run = async () => {
      inside.resolve();
      await go.promise;
      return 'ok';
    };
    const [one, two] = [world.app, world.replace()];
    const first = world.deliver('fault.effect', body, { to: one });
    await inside.promise;
    const others = await Promise.all([one, two, one, two].map((to) => world.deliver('fault.effect', body, { to })));
    expect(others.map(({ status }) => status)).toEqual([409, 409, 409, 409]);
    go.resolve();
    expect((await first).status).toBe(200);
    const again = await world.deliver('fault.effect', body);
    expect([again.status, await again.json()]).toEqual([200, { state: 'done' }]);
    await expectDone(asked);
  });

  test('of an older generation are dropped', async () => {
    const asked = await begin({}, 3_600_000);
    const [{ body } = { body: '' }] = world.app.published;
    run = async ({ attempt, step }) => {
      const first = await step('first', async () => attempt);
      return first === attempt && runs === 1 ? snooze('2h') : 'ok';
    };
    await world.deliver('fault.effect', body);
    const old = await world.deliver('fault.effect', body);
    expect([old.status, await old.json()]).toEqual([200, { state: 'superseded' }]);
    expect(runs).toBe(1);
    await world.advance(3 * 3_600_000);
    await expectDone(asked, 2);
  });

  test('whose record Redis lost run all the same, and their writes are not made again', async () => {
    const asked = await begin();
    await expectDone(asked);
    const [{ body } = { body: '' }] = world.app.published;
    const scope = world.app.test.platform.scope();
    await scope.redis.del(`hf:${world.tenant.id}:j:${asked.id}`);
    await scope.end();
    expect((await world.deliver('fault.effect', body)).status).toBe(200);
    await expectDone(asked, 2);
  });

  test('that are older than any record are refused', async () => {
    const asked = await begin();
    const [{ body } = { body: '' }] = world.app.published;
    const scope = world.app.test.platform.scope();
    await scope.redis.del(`hf:${world.tenant.id}:j:${asked.id}`);
    await scope.end();
    await world.advance(8 * 86_400_000);
    const response = await world.deliver('fault.effect', body);
    expect([response.status, response.headers.get('upstash-nonretryable-error')]).toEqual([489, 'true']);
    expect(runs).toBe(1);
  });
});
