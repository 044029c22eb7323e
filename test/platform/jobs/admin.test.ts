/** Jobs and queues for administrators: reading, actions, and access. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { enqueue, enqueueMany, fatal, type JobContext, job } from '../../../src/platform/jobs/index.ts';
import { indexKey } from '../../../src/platform/jobs/keys.ts';
import { costOf } from '../../support/app.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { readFrames } from '../../support/sse.ts';
import { addKey, createTenant, type OwnTenant } from '../../support/tenant.ts';

type Runs = (input: { n: number }, context: JobContext) => Promise<unknown>;

let world: JobWorld;
let run: Runs;
let other: OwnTenant;
let connection: string;
const input = z.object({ n: z.number() });
const plain = job('admin.plain', { input, retries: 2, run: (given, context) => run(given, context) });
const lanes = job('admin.lanes', {
  input,
  queue: 'lanes',
  concurrency: 4,
  run: (given, context) => run(given, context),
});
const live = job('admin.live', { input, live: true, run: (given, context) => run(given, context) });
const secret = job('admin.secret', { input, sensitive: true, run: async ({ n }) => ({ n, word: 'S3cret' }) });

beforeAll(async () => {
  world = await openJobWorld([plain, lanes, live, secret]);
  connection = world.connectionString;
  other = await createTenant(connection);
});
beforeEach(async () => {
  run = async ({ n }) => n * 2;
  await world.clear();
});
afterAll(() => world.close());

const ask = (path: string, method = 'GET', key: string | null = world.tenant.keys.all) =>
  world.app.test.request(path, { method, key });
const body = async (response: Response | Promise<Response>) =>
  (await (await response).json()) as Record<string, unknown>;
const add = (n: number, options = {}) => world.app.within((tenant) => enqueue(tenant, plain, { n }, options));

const hear = (id: string, key: string) => world.app.test.request(`/feeds?topics=job:${id}`, { key });

interface Listed {
  items: { id: string; name: string; state: string }[];
  nextCursor: string | null;
}
const list = async (query: string) => (await body(ask(`/jobs?${query}`))) as unknown as Listed;

describe('a job', () => {
  test('is shown with its attempts, times, progress and result', async () => {
    run = async ({ n }, { progress, attempt }) => {
      await progress({ half: true });
      if (attempt === 1) throw new Error('S3cret');
      return n;
    };
    const id = await add(7);
    await world.settle();
    expect(await body(ask(`/jobs/${id}`))).toMatchObject({
      state: 'failed',
      errors: 1,
      reason: 'Error',
      errorMessage: '[…]',
      progress: { half: true },
      retryAt: expect.stringMatching(/^20.*Z$/),
    });
    await world.advance(11_000);
    const answer = await ask(`/jobs/${id}`);
    // One request of the gate, and one for the job.
    expect(costOf(answer)['redis']).toBe('2 requests, 5 commands');
    expect(await body(answer)).toMatchObject({ id, name: 'admin.plain', state: 'done', attempt: 2, result: 7 });
  });

  test('with a sensitive result shows that there is a result, but not its value', async () => {
    const id = await world.app.within((tenant) => enqueue(tenant, secret, { n: 1 }));
    await world.settle();
    expect(await body(ask(`/jobs/${id}`))).toMatchObject({ state: 'done', result: '(sealed)' });
    expect(JSON.stringify(await list('name=admin.secret'))).not.toContain('S3cret');
  });

  test('is cancelled before its run, or during the run when the run checks', async () => {
    const waiting = await add(1, { delay: '1h' });
    expect(await body(ask(`/jobs/${waiting}/cancel`, 'POST'))).toEqual({ state: 'cancelled' });
    expect((await ask(`/jobs/${waiting}/cancel`, 'POST')).status).toBe(202);
    const begun = Promise.withResolvers<void>();
    const going = Promise.withResolvers<void>();
    run = async (_input, { heartbeat }) => {
      begun.resolve();
      await going.promise;
      await heartbeat();
    };
    const running = await add(2);
    const settling = world.settle();
    await begun.promise;
    expect(await body(ask(`/jobs/${running}/cancel`, 'POST'))).toEqual({ state: 'requested' });
    going.resolve();
    await settling;
    expect(await body(ask(`/jobs/${running}`))).toMatchObject({ state: 'cancelled', reason: 'CANCELLED' });
  });

  test('that waits can be run now, once', async () => {
    let runs = 0;
    run = async () => {
      runs += 1;
      if (runs === 1) throw new Error('no');
    };
    const failed = await add(1);
    await world.settle();
    world.app.asked.length = 0;
    const answer = await ask(`/jobs/${failed}/retry`, 'POST');
    expect([answer.status, await body(answer)]).toEqual([202, { state: 'queued' }]);
    // The run may begin before the answer: the request waits for its entry in the audit trail.
    const own = world.app.asked.flat().filter((step) => step === 'run-now' || step === 'publish');
    expect(own).toEqual(['run-now', 'publish']);
    await world.settle();
    expect(await body(ask(`/jobs/${failed}`))).toMatchObject({ state: 'done' });
    const delayed = await add(2, { delay: '1h' });
    await ask(`/jobs/${delayed}/retry`, 'POST');
    await world.settle();
    expect(await body(ask(`/jobs/${delayed}`))).toMatchObject({ state: 'done' });
    // The messages under way have no effect.
    await world.advance(3_600_000);
    expect(runs).toBe(3);
    const late = await ask(`/jobs/${delayed}/retry`, 'POST');
    expect([late.status, await body(late)]).toMatchObject([409, { code: 'JOB_STATE', state: 'done' }]);
  });

  test('that is dead can be replayed under its id', async () => {
    run = async () => fatal('BROKEN');
    const id = await add(1);
    await world.settle();
    expect(await body(ask(`/jobs/${id}`))).toMatchObject({ state: 'dead', reason: 'BROKEN' });
    run = async () => 'mended';
    expect(await body(ask(`/jobs/${id}/replay`, 'POST'))).toEqual({ state: 'queued' });
    await world.settle();
    expect(await body(ask(`/jobs/${id}`))).toMatchObject({ state: 'done', result: 'mended' });
    expect((await ask(`/jobs/${id}/replay`, 'POST')).status).toBe(409);
  });
});

describe('a live job', () => {
  test('names its topic, on which administrators of its tenant hear its progress and its end', async () => {
    const going = Promise.withResolvers<void>();
    run = async (_input, { progress }) => {
      await going.promise;
      await progress({ rows: 1 });
    };
    const id = await world.app.within((tenant) => enqueue(tenant, live, { n: 1 }));
    const link = (await ask(`/jobs/${id}`)).headers.get('link');
    expect(link).toBe(`</feeds?topics=job:${id}>; rel="monitor"`);
    const key = await addKey(connection, world.tenant.id, { rights: ['jobs:admin'] });
    const [own, theirs] = [readFrames(await hear(id, key)), readFrames(await hear(id, other.keys.all))];
    expect(await own.event()).toMatchObject({ event: 'hello' });
    going.resolve();
    await world.settle();
    const events = [await own.event(), await own.event()];
    expect(events).toMatchObject(
      ['job.progress', 'job.done'].map((type) => ({ event: `job:${id}`, data: { type, id } })),
    );
    // The state is stored before the event is sent.
    expect(await body(ask(`/jobs/${id}`))).toMatchObject({ state: 'done' });
    expect(await theirs.event()).toMatchObject({ event: 'hello', data: { resumed: false } });
    await Promise.all([own.close(), theirs.close()]);
  });

  test('tells nothing without the right to read jobs', async () => {
    const id = await world.app.within((tenant) => enqueue(tenant, live, { n: 1 }));
    const key = await addKey(connection, world.tenant.id, { rights: ['crm:*', 'cache:admin'] });
    expect([(await ask(`/jobs/${id}`, 'GET', key)).status, (await hear(id, key)).status]).toEqual([403, 403]);
  });

  test('differs from other jobs, which name no topic', async () => {
    expect((await ask(`/jobs/${await add(1)}`)).headers.get('link')).toBeNull();
  });
});

describe('the list', () => {
  test('has pages without gaps or repetitions, even if many jobs ended at the same time', async () => {
    const ids = await world.app.within((tenant) =>
      enqueueMany(
        tenant,
        lanes,
        Array.from({ length: 23 }, (_, n) => ({ n })),
        { delay: '2h' },
      ),
    );
    await world.settle();
    const { redis } = world.app.test.platform.scope();
    const moment = String(Date.now());
    await redis.exec(['ZADD', indexKey(world.tenant.id, lanes.name, 'queued'), ...ids.flatMap((id) => [moment, id])]);
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await list(`name=admin.lanes&state=queued&limit=5${cursor}`);
      seen.push(...page.items.map(({ id }) => id));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  test('keeps the newest 100,000 ended jobs of a name in each state', async () => {
    const { redis } = world.app.test.platform.scope();
    const done = indexKey(world.tenant.id, plain.name, 'done');
    const earlier = Array.from({ length: 100_000 }, (_, n) => [String(n + 1), `job_${n + 1}`]);
    await redis.exec(['ZADD', done, ...earlier.flat()]);
    const id = await add(1);
    await world.settle();
    expect(await redis.exec<number>(['ZCARD', done])).toBe(100_000);
    expect(await redis.exec<string[]>(['ZRANGE', done, '0', '0'])).toEqual(['job_2']);
    expect(await redis.exec<string[]>(['ZRANGE', done, '-1', '-1'])).toEqual([id]);
  });

  test('can be filtered by name, state and time, and costs 3 requests with the gate', async () => {
    run = async () => fatal('BROKEN');
    const later = () => new Date(world.app.test.platform.scope().system.now() + 1_000).toISOString();
    const from = later();
    await world.advance(2_000);
    const dead = await add(1);
    await world.settle();
    const to = later();
    await world.advance(2_000);
    run = async () => 1;
    const fine = await add(2);
    await world.settle();
    const ids = async (query: string) => (await list(query)).items.map(({ id }) => id);
    expect((await ids('limit=100')).slice(0, 2)).toEqual([fine, dead]);
    expect(await ids('state=dead&limit=1')).toEqual([dead]);
    expect(await ids(`from=${from}&to=${to}`)).toEqual([dead]);
    expect(await ids(`name=admin.plain&state=done&from=${to}`)).toEqual([fine]);
    const answer = await ask('/jobs?name=admin.plain&state=done&limit=1');
    expect(costOf(answer)['redis']).toBe('3 requests, 6 commands');
  });
});

describe('queues', () => {
  interface Queues {
    items: {
      name: string;
      concurrency: number | null;
      paused: boolean | null;
      counts: Record<string, number>;
      lastHour: object;
    }[];
  }

  test('are shown with their depth and the number of jobs ended in the last hour', async () => {
    const fresh = await createTenant(connection);
    const scope = world.app.test.platform.scope();
    await enqueue(scope.tenant(fresh.id), lanes, { n: 1 });
    await enqueue(scope.tenant(fresh.id), lanes, { n: 2 }, { delay: '1d' });
    await scope.end();
    await world.settle();
    const shown = async () =>
      ((await body(ask('/queues', 'GET', fresh.keys.all))) as unknown as Queues).items.find(
        ({ name }) => name === 'lanes',
      );
    expect(await shown()).toMatchObject({
      concurrency: 4,
      counts: { queued: 1, done: 1, dead: 0 },
      lastHour: { done: 1, dead: 0 },
    });
    await world.advance(2 * 3_600_000);
    expect(await shown()).toMatchObject({ counts: { done: 1 }, lastHour: { done: 0 } });
  });

  test('are paused and resumed by operators; held jobs run after that', async () => {
    const operator = world.replace();
    const { environment } = operator.test.platform.scope();
    Object.assign(environment, { OPERATOR_TENANT: world.tenant.id });
    const paused = async (key = world.tenant.keys.all) => {
      const { items } = (await body(ask('/queues', 'GET', key))) as unknown as Queues;
      return Object.fromEntries(items.map((each) => [each.name, each.paused]));
    };
    expect(await paused()).toMatchObject({ lanes: false, 'admin.plain': false });
    expect(await body(ask('/queues/lanes/pause', 'POST'))).toEqual({ paused: true });
    expect(await paused()).toMatchObject({ lanes: true, 'admin.plain': false });
    // Jobs of all tenants are held, so all tenants see the pause.
    expect(await paused(other.keys.all)).toMatchObject({ lanes: true });
    operator.faults.publish = ['down', 'down', 'down'];
    expect(await paused()).toMatchObject({ lanes: null, 'admin.plain': false });
    operator.asked.length = 0;
    await paused();
    expect(operator.asked.filter(([step]) => step === 'publish')).toHaveLength(3);
    const id = await operator.within((tenant) => enqueue(tenant, lanes, { n: 1 }));
    await world.settle();
    expect(await body(ask(`/jobs/${id}`))).toMatchObject({ state: 'queued' });
    expect(await body(ask('/queues/lanes/resume', 'POST'))).toEqual({ paused: false });
    expect(await paused()).toMatchObject({ lanes: false });
    await world.settle();
    expect(await body(ask(`/jobs/${id}`))).toMatchObject({ state: 'done' });
    expect((await ask('/queues/admin.plain/pause', 'POST')).status).toBe(409);
    expect((await ask('/queues/nothing/pause', 'POST')).status).toBe(404);
    operator.faults.publish = ['down'];
    expect(await body(ask('/queues/lanes/resume', 'POST'))).toMatchObject({ status: 503, code: 'QSTASH_UNREACHABLE' });
    expect(await body(ask('/queues/lanes/pause', 'POST', other.keys.all))).toMatchObject({
      status: 403,
      code: 'NOT_OPERATOR',
    });
  });
});

describe('access', () => {
  const paths: [string, string][] = [
    ['GET', '/jobs'],
    ['GET', '/jobs/ID'],
    ['POST', '/jobs/ID/cancel'],
    ['POST', '/jobs/ID/retry'],
    ['POST', '/jobs/ID/replay'],
    ['GET', '/queues'],
    ['POST', '/queues/lanes/pause'],
    ['POST', '/queues/lanes/resume'],
    ['GET', '/schedules'],
    ['POST', '/schedules/a.schedule/run'],
  ];

  test.each(paths)('%s %s needs the right', async (method, path) => {
    const enough = await addKey(connection, world.tenant.id, { rights: ['jobs:admin'] });
    const id = await add(1, { delay: '1h' });
    const to = path.replace('ID', id);
    expect((await ask(to, method, null)).status).toBe(401);
    expect((await ask(to, method, world.tenant.keys.readOnly)).status).toBe(403);
    expect(await body(ask(to, method, world.tenant.keys.readOnly))).toMatchObject({ code: 'NOT_ALLOWED' });
    expect(await body(ask(to, method, enough))).not.toMatchObject({ code: 'NOT_ALLOWED' });
  });

  test('another tenant’s job is a 404 for every operation', async () => {
    const id = await add(1, { delay: '1h' });
    for (const [method, path] of paths.filter(([, each]) => each.includes('ID'))) {
      expect((await ask(path.replace('ID', id), method, other.keys.all)).status).toBe(404);
    }
    expect(await body(ask('/jobs?limit=100', 'GET', other.keys.all))).toEqual({ items: [], nextCursor: null });
    expect(await body(ask(`/jobs/${id}`))).toMatchObject({ state: 'queued' });
  });

  test.each([
    '/jobs?state=broken',
    '/jobs?limit=0',
    '/jobs?limit=101',
    '/jobs?cursor=x',
    '/jobs?from=yesterday',
    '/jobs?name=No%20Name',
    '/jobs?colour=red',
    '/jobs/%20',
    `/jobs/${'x'.repeat(65)}`,
  ])('%s is refused', async (path) => {
    expect(await body(ask(path))).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
  });
});
