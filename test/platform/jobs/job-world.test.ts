/** The clock of the jobs suites' world. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { enqueue, job } from '../../../src/platform/jobs/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

const TIMEOUT_MS = 60_000;
/** The number of database round trips in the run: a clock that does not wait finds the run under way. */
const ROUNDS = 100;

let world: JobWorld;
let begun = Promise.withResolvers<void>();
const slow = job('world.slow', {
  input: z.object({ ends: z.boolean() }),
  timeout: '1m',
  async run({ ends }, { attempt }) {
    for (let round = 0; round < ROUNDS; round += 1) {
      await world.query('SELECT 1');
      begun.resolve();
    }
    return ends || attempt > 1 ? 'ran' : new Promise<never>(() => {});
  },
});

beforeAll(async () => {
  world = await openJobWorld([slow]);
});
afterAll(() => world.close());

const add = (ends: boolean) => {
  begun = Promise.withResolvers<void>();
  return world.app.within((tenant) => enqueue(tenant, slow, { ends }));
};

test('advance waits for a run under way, so that a slow run does not reach its time limit', async () => {
  const id = await add(true);
  await begun.promise;
  await world.advance(TIMEOUT_MS);
  expect(await world.read(id)).toMatchObject({ state: 'done', attempt: 1, result: 'ran' });
});

test('pass does not wait: a run under way reaches its time limit', async () => {
  const id = await add(false);
  await begun.promise;
  await world.pass(TIMEOUT_MS);
  expect(await world.read(id)).toMatchObject({
    pastAttempts: [{ outcome: 'failed', reason: 'JobError JOB_TIMEOUT' }, { outcome: 'done' }],
  });
});
