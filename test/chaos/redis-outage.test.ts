/**
 * Redis dies, hangs, fails and loses answers while requests run. Every read gives the state of the database after at
 * most one Redis time limit; and when Redis is back the same instance serves hits again.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type EmbeddedRedis, startRedis } from '../../dev/redis/server.ts';
import type { RedisRest } from '../../dev/redis-rest/server.ts';
import { WRITERS_TIME_MS } from '../../src/platform/outbox/outbox.ts';
import { costOf } from '../support/app.ts';
import { createInstance, createTruth, type Instance, write } from '../support/instance.ts';
import { lastingPort } from '../support/lasting-port.ts';
import { startAppRest } from '../support/rest.ts';
import { createTenant, type OwnTenant, sql } from '../support/tenant.ts';

/** How often a read that failed immediately is repeated. */
const RETRY = 1;
let tenant: OwnTenant;
let truth: Instance;
let redis: EmbeddedRedis;
let rest: RedisRest;
let app: Instance;
let paths: string[];
const answers = new Map<string, unknown>();

beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  truth = await createTruth({ tenant });
  const company = await write(truth, 'POST', '/companies', { name: 'Kelp', ownerId: tenant.userId });
  const contact = await write(truth, 'POST', '/contacts', { name: 'Alga', companyId: company.id });
  const deal = await write(truth, 'POST', '/deals', { title: 'Reef', value: '10.50', companyId: company.id });
  await write(truth, 'POST', '/deals', { title: 'Rock', value: 7, stage: 'won', contactId: contact.id });
  paths = [
    '/deals/pipeline',
    '/deals?limit=1',
    `/deals?companyId=${company.id}`,
    `/deals/${deal.id}`,
    '/companies?search=k',
    `/companies/${company.id}`,
    `/contacts?companyId=${company.id}`,
    `/contacts/${contact.id}`,
  ];
  for (const path of paths) answers.set(path, await (await truth.request(path)).json());
});
afterAll(() => truth.close());

beforeEach(async () => {
  redis = await startRedis({ port: await lastingPort() });
  rest = await startAppRest({ redisUrl: redis.url });
  app = await createInstance({ tenant, environment: own(5_000) });
});
afterEach(async () => {
  rest.intercept = undefined;
  await app.close();
  await rest.close();
  await redis.close();
});

function own(timeout: number): Record<string, string> {
  return {
    UPSTASH_REDIS_REST_URL: rest.url,
    UPSTASH_REDIS_REST_TOKEN: rest.token,
    REDIS_TIMEOUT_MS: String(timeout),
  };
}

/** Sends each read several times at once, checks every answer, and returns cache outcomes and Redis requests. */
async function readAll(instance: Instance, times: number) {
  const asked = Array.from({ length: times }, () => paths).flat();
  return Promise.all(
    asked.map(async (path) => {
      const response = await instance.request(path);
      const body = await response.json();
      expect({ path, status: response.status, body }).toEqual({ path, status: 200, body: answers.get(path) });
      const requests = Number.parseInt(costOf(response)['redis'] ?? '', 10);
      return { cache: response.headers.get('x-cache'), requests };
    }),
  );
}

async function expectHitsAgain(instance: Instance): Promise<void> {
  // The REST server reconnects by itself; each try moves the injected clock past the breaker's open time.
  await expect
    .poll(
      async () => {
        instance.clock.ahead += 1_000;
        return new Set((await readAll(instance, 1)).map(({ cache }) => cache));
      },
      { timeout: 20_000 },
    )
    .toEqual(new Set(['HIT']));
}

describe('Redis is killed', () => {
  test.each([1, 7, 25])(
    'at request %i of many: every read is right, and hits return when Redis is back',
    async (at) => {
      if (at > 1) await readAll(app, 1);
      let requests = 0;
      rest.intercept = () => {
        requests += 1;
        if (requests === at) void redis.close();
        return 'pass';
      };
      await readAll(app, 6);
      rest.intercept = undefined;
      await redis.close();

      const after = await readAll(app, 3);
      expect(new Set(after.map(({ cache }) => cache))).toEqual(new Set(['BYPASS']));
      // A refused connection fails immediately, without a time limit.
      expect(app.redis.timeouts).toBe(0);

      redis = await startRedis({ port: redis.port });
      await expectHitsAgain(app);
    },
  );

  test('the breaker spares Redis while it is down: one failing request per open time, not one per read', async () => {
    await redis.close();
    await readAll(app, 2);
    const askedBefore = app.redis.asked.length;
    const calm = await readAll(app, 5);
    expect(calm.every(({ requests }) => requests === 0)).toBe(true);
    expect(app.redis.asked.length).toBe(askedBefore);
    app.clock.ahead += 1_000;
    await readAll(app, 5);
    expect(app.redis.asked.length - askedBefore).toBe(1);
  });

  test('writes succeed and leave outbox entries, which the drain handles when Redis is back', async () => {
    const list = async (instance: Instance) => (await (await instance.request('/deals?limit=100')).json()) as unknown;
    await readAll(app, 1);
    await list(app);
    await redis.close();
    const deal = await write(app, 'POST', '/deals', { title: 'In the storm', value: 1 });
    expect(await list(app)).toEqual(await list(truth));
    await write(app, 'DELETE', `/deals/${deal.id}`);
    const openEntries = `SELECT id FROM outbox WHERE tenant_id = '${tenant.id}' AND kind = 'invalidate'`;
    expect(await sql(inject('cloud').postgres.url, openEntries)).toHaveLength(2);

    redis = await startRedis({ port: redis.port });
    await expectHitsAgain(app);
    app.clock.ahead += WRITERS_TIME_MS;
    await app.platform.scheduled();
    expect(await sql(inject('cloud').postgres.url, openEntries)).toEqual([]);
    await expectHitsAgain(app);
    expect(await list(app)).toEqual(await list(truth));
  });
});

const faults = {
  hangs: 'hang',
  'answers 503': { status: 503, body: { error: 'down' } },
  'answers nonsense': { status: 200, body: { not: 'an array' } },
  'answers null for each command': 'nulls',
  'answers HTML': { status: 200, body: '<html>' },
  'refuses the token': { status: 401, body: { error: 'WRONGPASS' } },
  'refuses for too many requests': { status: 429, body: { error: 'ERR max requests limit exceeded' } },
  'loses answers': 'drop-response',
} as const;

describe.each(Object.entries(faults))('Redis %s', (_name, verdict) => {
  test('cold: every read is right within one time limit; afterwards hits return', async () => {
    const instance = await createInstance({ tenant, environment: own(verdict === 'hang' ? 150 : 5_000) });
    rest.intercept = ({ commands }) =>
      verdict === 'nulls' ? { status: 200, body: commands.map(() => null) } : verdict;
    const during = await readAll(instance, 4);
    expect(new Set(during.map(({ cache }) => cache))).toEqual(new Set(['BYPASS']));
    // One request, repeated only if it failed immediately: no read waited for a second time limit.
    expect(Math.max(...during.map(({ requests }) => requests))).toBeLessThanOrEqual(1 + RETRY);
    if (verdict === 'hang') {
      expect(during.every(({ requests }) => requests <= 1)).toBe(true);
      expect(instance.redis.timeouts).toBe(instance.redis.asked.length);
    }
    rest.intercept = undefined;
    await expectHitsAgain(instance);
    await instance.close();
  });
});

/** A fault that begins after the lookup: the API key is already cached, so the fault meets the route's own read. */
describe.each(['acquire', 'fill'] as const)('Redis stops answering at the %s', (step) => {
  test.each(['hang', '503', 'answer-lost'] as const)(
    'with %s: the answer is right, after at most one time limit',
    async (fault) => {
      const instance = await createInstance({ tenant, environment: own(fault === 'hang' ? 150 : 5_000) });
      await app.request('/contacts/none');
      instance.redis.faults[step] = fault;
      for (const path of paths) {
        const before = instance.redis.hung;
        const response = await instance.request(path);
        expect(await response.json()).toEqual(answers.get(path));
        expect(response.status).toBe(200);
        expect(instance.redis.hung - before).toBeLessThanOrEqual(1);
      }
      instance.redis.faults = {};
      await instance.close();
    },
  );
});
