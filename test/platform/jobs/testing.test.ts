/** The testing kit for jobs, used like in an application's own tests. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createJobs, enqueue, job, jobServices, readJob, retryLater } from '../../../src/platform/jobs/index.ts';
import { createTestQueue, runJob } from '../../../src/platform/jobs/testing.ts';
import { createTestApp } from '../../support/app.ts';
import { newTenant } from '../../support/isolate.ts';

const LOCAL = { APP_URL: 'http://app.test', QSTASH_URL: 'http://qstash.test', QSTASH_CURRENT_SIGNING_KEY: 'sig_kit' };
const greetings: string[] = [];
const greet = job('kit.greet', {
  input: z.object({ name: z.string() }),
  run: async ({ name }, { attempt }) => {
    if (name === 'Tide' && attempt === 1) return retryLater('1h');
    greetings.push(name);
    return `Hello ${name}`;
  },
});

let queue: ReturnType<typeof createTestQueue>;
let tenant: string;
let app: ReturnType<typeof createTestApp>;
beforeEach(() => {
  greetings.length = 0;
  tenant = newTenant();
  queue = createTestQueue({ environment: LOCAL });
  app = createTestApp({
    environment: LOCAL,
    jobs: createJobs([greet]),
    fetch: queue.fetch,
    outbound: queue.fetch,
    system: queue.system,
  });
});
afterEach(() => app.close());

async function add(name: string, delay = 0): Promise<string> {
  const scope = app.platform.scope();
  const id = await enqueue(scope.tenant(tenant), greet, { name }, { delay });
  await scope.end();
  return id;
}

test('enqueued jobs can be listed, delivered, and run later', async () => {
  const [now, , later] = [await add('Kelp'), await add('Tide'), await add('Reef', 60_000)];
  expect(await queue.enqueued(greet)).toEqual([{ name: 'Kelp' }, { name: 'Tide' }, { name: 'Reef' }]);
  expect((await queue.drain(app.app)).map(({ status }) => status)).toEqual([200, 500]);
  expect(await queue.enqueued(greet)).toHaveLength(2);
  await queue.advance(app.app, 60_000);
  expect(greetings).toEqual(['Kelp', 'Reef']);
  expect(await queue.advance(app.app, 3_600_000)).toMatchObject([{ name: 'kit.greet', status: 200 }]);
  expect(greetings).toEqual(['Kelp', 'Reef', 'Tide']);
  const scope = app.platform.scope();
  expect(await readJob(jobServices(scope), tenant, now)).toMatchObject({ state: 'done', result: 'Hello Kelp' });
  expect(await readJob(jobServices(scope), tenant, later)).toMatchObject({ state: 'done' });
  await scope.end();
});

test('a job can be run directly', async () => {
  const scope = app.platform.scope();
  const { id, answer } = await runJob(scope, tenant, greet, { name: 'Alga' });
  expect(answer).toEqual({ kind: 'settled', state: 'done' });
  expect(await readJob(jobServices(scope), tenant, id)).toMatchObject({ result: 'Hello Alga' });
  await scope.end();
});
