/** The sweep publishes a job whose message QStash has lost, even when one of its own steps fails. */
import { beforeAll, describe, expect, test } from 'vitest';
import { cancel, fatal } from '../../../src/platform/jobs/index.ts';
import { jobKeys, memberOf } from '../../../src/platform/jobs/keys.ts';
import type { JobFault, JobStep } from '../../support/faulty-fetch.ts';
import { useFaults } from './fault-bench.ts';

const bench = useFaults();
// Each script is sent to Redis once; no test counts these requests.
beforeAll(async () => {
  await bench.begin({ publish: ['swallow'] });
  await bench.world.tick(17);
});

test('publishing a job again costs 3 requests to Redis and 1 to QStash, and is not repeated for a while', async () => {
  const asked = await bench.begin({ publish: ['swallow', 'swallow'] });
  await bench.world.tick(14);
  bench.world.app.asked.length = 0;
  await bench.world.tick();
  expect(bench.world.app.asked.filter(([step]) => step !== 'other')).toEqual([
    Array.from({ length: 16 }, () => 'late'),
    ['redeliver'],
    ['publish'],
    ['sent'],
  ]);
  bench.world.app.asked.length = 0;
  await bench.world.tick(10);
  expect(bench.world.app.asked.flat()).not.toContain('redeliver');
  await bench.world.tick(6);
  await bench.expectDone(asked);
});

test.each<[string, () => Promise<unknown>]>([
  ['done', async () => 'ok'],
  ['dead', async () => fatal('NO_MORE')],
  ['cancelled', async () => cancel('NOT_NEEDED')],
])('a job that is %s is not published again, although it is late in the watch list', async (state, ending) => {
  bench.run = ending;
  const { id } = await bench.begin();
  await bench.world.settle();
  expect(await bench.world.read(id)).toMatchObject({ state });
  const { redis } = bench.world.app.test.platform.scope();
  const [watched = ''] = jobKeys({ tenant: bench.world.tenant.id, name: bench.effect.name, id }).slice(3);
  const member = memberOf({ tenant: bench.world.tenant.id, name: bench.effect.name, id });
  await redis.exec(['ZADD', watched, '1', member]);
  bench.world.app.published.length = 0;
  await bench.world.tick();
  expect(bench.world.app.published.filter(({ body }) => body.includes(id))).toEqual([]);
  expect(await bench.world.read(id)).toMatchObject({ state });
  expect(await redis.exec(['ZSCORE', watched, member])).toBeNull();
});

describe.each<[string, () => string, number]>([
  ['in seconds', () => '300', 5],
  ['as a date', () => new Date(bench.world.qstash.clock.now() + 360_000).toUTCString(), 5],
  ['of a day, which is bounded to ten minutes', () => '86400', 10],
  ['that is nonsense', () => 'soon', 1],
  ['shorter than the usual minute', () => '3', 1],
])('QStash answers 429 with Retry-After %s', (_form, headerOf, minutes) => {
  const refusal = (): JobFault => ({
    refusal: new Response('', { status: 429, headers: { 'retry-after': headerOf() } }),
  });

  /** Expects no request to QStash before the asked time, and one after it. */
  async function expectWait() {
    expect(bench.world.app.faults.publish).toEqual([]);
    const requests = (): number => bench.world.app.asked.flat().filter((step) => step === 'publish').length;
    const before = requests();
    const postponed = bench.world.app.asked.flat().filter((step) => step === 'postpone');
    expect(postponed).toHaveLength(minutes > 1 ? 1 : 0);
    if (minutes > 1) await bench.world.tick(minutes - 1);
    expect(requests()).toBe(before);
    await bench.world.tick(2);
    expect(requests()).toBe(before + 1);
  }

  test('to a lost job: the next sweep of the job waits for it', async () => {
    const asked = await bench.begin({ publish: ['swallow'] });
    await bench.world.tick(14);
    bench.world.app.faults.publish = [refusal()];
    for (let minute = 0; minute < 3 && bench.world.app.faults.publish.length > 0; minute += 1) await bench.world.tick();
    await expectWait();
    await bench.expectDone(asked);
  });

  test('to the job that follows a job: the next sweep waits for it', async () => {
    // The run's own admission of the next job is refused, and so is that of the first sweep.
    bench.run = async () => {
      if (bench.runs === 1) bench.world.app.faults.publish = [refusal(), refusal()];
      return 'ok';
    };
    const { id, text } = await bench.beginTwice();
    await bench.world.tick();
    if (bench.world.app.faults.publish?.length) await bench.world.tick();
    await expectWait();
    expect([bench.runs, await bench.rowsNamed(text)]).toEqual([2, [expect.anything(), expect.anything()]]);
    expect(await bench.world.read(id)).toMatchObject({ state: 'done' });
  });
});

test.each<[JobStep, JobFault]>([
  ['publish', 'down'],
  ['publish', 'lost'],
  ['publish', 'die-before'],
  ['publish', 'die-after'],
  ['sent', 'down'],
  ['sent', 'die-before'],
])('%s fails (%s): the next sweep, a minute later, publishes the job', async (step, fault) => {
  const asked = await bench.begin({ publish: ['swallow'] });
  await bench.world.tick(14);
  const { app, qstash, url } = bench.world;
  // A run that the death cuts would begin again.
  qstash.hold(url);
  app.faults = { [step]: [fault] };
  for (let minute = 0; minute < 3 && app.faults[step]?.length; minute += 1) {
    await Promise.race([bench.world.tick(), app.died]);
  }
  expect(app.faults[step]).toEqual([]);
  bench.world.replace();
  qstash.release();
  await bench.world.tick(2);
  await bench.expectDone(asked);
  expect((await bench.world.read(asked.id))?.generation).toBe(1);
});
