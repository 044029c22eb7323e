/** The counts of runs of jobs and schedules, and of the outbox. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { continueWith, enqueue, fatal, type JobContext, job, snooze } from '../../../src/platform/jobs/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

let world: JobWorld;
let run: (context: JobContext) => Promise<unknown>;
const counted = job('counted.job', {
  input: z.object({}),
  retries: 5,
  backoff: { first: '1m', factor: 1 },
  timeout: 30_000,
  maxCrashes: 1,
  run: (_input, context) => run(context),
});

beforeAll(async () => {
  world = await openJobWorld([counted]);
});
beforeEach(async () => {
  await world.clear();
});
afterAll(() => world.close());

async function add(): Promise<void> {
  await world.app.within((tenant) => enqueue(tenant, counted, {}));
  await world.settle();
}

/** The counts of the newest instance, without the buckets and the sums of durations. */
const counts = () =>
  Object.fromEntries(
    [...world.app.test.platform.counters.pending()].filter(([field]) =>
      /^jobs\.(runs|retries|crashes)\|counted\.job/.test(field),
    ),
  );
const durations = (metric: string) =>
  [...world.app.test.platform.counters.pending()]
    .filter(([field]) => field.startsWith(`${metric}|counted.job|`) && !field.endsWith('|sum'))
    .reduce((all, [, count]) => all + Number(count), 0);

test('runs count by outcome, a run after a failed one as a retry, and only first runs have a wait', async () => {
  let runs = 0;
  run = async () => {
    runs += 1;
    if (runs === 1) throw new Error('not yet');
    return [snooze('1m'), continueWith('next'), 'ok'][runs - 2];
  };
  await add();
  for (let minute = 0; minute < 5; minute += 1) await world.advance(61_000);
  run = async () => fatal('BROKEN');
  await add();
  expect(counts()).toMatchObject({
    'jobs.runs|counted.job|failed': 1,
    'jobs.runs|counted.job|snoozed': 1,
    'jobs.runs|counted.job|continued': 1,
    'jobs.runs|counted.job|done': 1,
    'jobs.runs|counted.job|dead': 1,
  });
  expect(counts()['jobs.retries|counted.job']).toBeGreaterThanOrEqual(1);
  expect(durations('jobs.run')).toBe(5);
  expect(durations('jobs.wait')).toBeGreaterThanOrEqual(2);
});

test('a crash counts once, and the crash that ends the job also as dead', async () => {
  run = () => {
    world.cut();
    return new Promise(() => {});
  };
  await add();
  for (let minute = 0; minute < 10; minute += 1) await world.advance(60_000);
  expect(counts()).toEqual({
    'jobs.crashes|counted.job': 2,
    'jobs.retries|counted.job': 1,
    'jobs.runs|counted.job|dead': 1,
  });
});

test('runs of schedules count by outcome, and the drain notes the depth and the age of the outbox', async () => {
  await world.tick();
  const pending = world.app.test.platform.counters.pending();
  expect(pending.get('schedules.runs|outbox.drain|ok')).toBe(1);
  expect([pending.get('outbox.=depth'), pending.get('outbox.=age')]).toEqual([0, 0]);
});
