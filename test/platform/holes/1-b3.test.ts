/**
 * A Redis that answers reads and refuses writes: full, read-only, or without a permission. Entries cached before a
 * write would be served for as long as that lasts, so such a write deletes them, or is refused.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SECOND_LOOK_MS } from '../../../src/platform/outbox/outbox.ts';
import { createInstance, type Instance, write } from '../../support/instance.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../../support/redis-server.ts';
import { startAppRest } from '../../support/rest.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';

const DEALS = 20;
const PATCHES = 200;
/** The PATCHes between which Redis is full. */
const FULL = { from: 60, to: 160 };

describe.skipIf(!hasRedisServer)('1/B3 a Redis that refuses writes', { timeout: 240_000 }, () => {
  let server: RedisServer;
  let rest: Awaited<ReturnType<typeof startAppRest>>;
  let database: TestDatabase;
  let tenant: OwnTenant;
  const instances: Instance[] = [];
  let deals: string[];

  beforeAll(async () => {
    [server, database] = await Promise.all([startRedisServer(), openMigratedDatabase()]);
    rest = await startAppRest({ redisUrl: server.url });
    tenant = await createTenant(database.connectionString);
    for (const policy of ['available', 'strict']) instances.push(await start(policy));
    deals = [];
    for (let index = 0; index < DEALS; index += 1) {
      const deal = await write(of('available'), 'POST', '/deals', { title: `Deal ${index}`, value: 0 });
      deals.push(deal.id);
    }
  });
  afterEach(() => server.heal());
  afterAll(async () => {
    await Promise.all(instances.map((instance) => instance.close()));
    await rest.close();
    await Promise.all([server.close(), database.close()]);
  });

  const start = (policy: string) =>
    createInstance({
      tenant,
      database: database.connectionString,
      environment: {
        UPSTASH_REDIS_REST_URL: rest.url,
        UPSTASH_REDIS_REST_TOKEN: rest.token,
        WRITES_WHEN_REDIS_IS_DOWN: policy,
      },
    });
  const of = (policy: string): Instance => {
    const instance = instances[policy === 'strict' ? 1 : 0];
    if (!instance) throw new Error(`No instance writes in the mode ${policy}`);
    return instance;
  };

  const change = (instance: Instance, deal: string, value: number) =>
    instance.request(`/deals/${deal}`, { method: 'PATCH', json: { value } });
  async function read(instance: Instance, deal: string): Promise<{ value: number; cache: string | null }> {
    const response = await instance.request(`/deals/${deal}`);
    expect(response.status).toBe(200);
    const { value } = (await response.json()) as { value: string };
    return { value: Number(value), cache: response.headers.get('x-cache') };
  }
  async function listed(instance: Instance): Promise<Map<string, number>> {
    const response = await instance.request('/deals?limit=100');
    expect(response.status).toBe(200);
    const { items } = (await response.json()) as { items: { id: string; value: string }[] };
    return new Map(items.map(({ id, value }) => [id, Number(value)]));
  }
  const stored = async (deal: string) =>
    Number(
      (
        await sql<{ value: string }>(
          database.connectionString,
          'SELECT round(value, 2) AS value FROM deals WHERE id = $1',
          [deal],
        )
      )[0]?.value,
    );
  /** Repeats every read of every instance until it is a hit. */
  async function warm(): Promise<void> {
    for (const instance of instances) {
      for (const deal of deals) await read(instance, deal);
      await listed(instance);
    }
    for (const deal of deals) expect((await read(of('available'), deal)).cache).toBe('HIT');
  }

  let ballast = 0;
  /** Fills the memory of Redis, as other users would. Deletions free memory until the next call. */
  async function useUp(): Promise<void> {
    // Another writer may have lifted the limit before this call.
    for (let tries = 0; tries < 1_000; tries += 1) {
      ballast += 1;
      const reply = await server.admin('SET', `ballast:${ballast}`, 'x'.repeat(200)).catch(String);
      if (String(reply).includes('OOM')) return;
    }
  }
  async function reachMaxmemory(): Promise<void> {
    const used = Number(/used_memory:(\d+)/.exec(String(await server.admin('INFO', 'memory')))?.[1]);
    await server.admin('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await server.admin('CONFIG', 'SET', 'maxmemory', String(used + 50_000));
  }

  test('full in the middle of 200 PATCHes: at least 95 % succeed, and every later read shows them', async () => {
    await warm();
    // Other tests of this file have changed the deals. Each value of this test is above theirs.
    const acknowledged = new Map<string, number>();
    for (const deal of deals) acknowledged.set(deal, await stored(deal));
    const least = Math.max(...acknowledged.values());
    const floorOf = (deal: string) => acknowledged.get(deal) ?? 0;
    let stale = 0;
    let made = 0;
    let refused = 0;
    let reads = 0;
    let writing = true;
    let next = 0;

    async function writeOn(policy: string, own: readonly string[]): Promise<void> {
      for (;;) {
        const index = next;
        next += 1;
        if (index >= PATCHES) return;
        if (index === FULL.from) await reachMaxmemory();
        if (index >= FULL.from && index < FULL.to) await useUp();
        if (index === FULL.to) await server.admin('CONFIG', 'SET', 'maxmemory', '0');
        const deal = own[index % own.length] ?? '';
        const value = least + index + 1;
        const response = await change(of(policy), deal, value);
        if (response.status === 200) {
          made += 1;
          acknowledged.set(deal, value);
        } else {
          refused += 1;
          expect([response.status, await response.json()]).toMatchObject([503, { code: 'COMMIT_REFUSED' }]);
          expect(await stored(deal)).toBe(floorOf(deal));
        }
        for (const instance of instances) {
          reads += 1;
          if ((await read(instance, deal)).value < floorOf(deal)) stale += 1;
        }
      }
    }
    async function listOn(instance: Instance): Promise<void> {
      while (writing) {
        const floors = new Map(acknowledged);
        reads += 1;
        for (const [deal, value] of await listed(instance)) if (value < (floors.get(deal) ?? 0)) stale += 1;
      }
    }
    await Promise.all([
      listOn(of('available')),
      listOn(of('strict')),
      Promise.all([writeOn('available', deals.slice(0, 10)), writeOn('strict', deals.slice(10))]).finally(() => {
        writing = false;
      }),
    ]);

    expect({ stale, all: made + refused }).toEqual({ stale: 0, all: PATCHES });
    expect(made).toBeGreaterThanOrEqual(0.95 * PATCHES);
    expect(reads).toBeGreaterThan(1_000);
    // The limit was reached: marks were refused, in both modes.
    const refusedMarks = instances.map(
      ({ lines }) =>
        lines.filter((line) => line.includes('commit.mark_failed') && line.includes('"refused":true')).length,
    );
    expect(Math.min(...refusedMarks)).toBeGreaterThan(20);

    // With free memory, hits are back without a restart, also after the drain.
    await warm();
    for (const deal of deals) expect((await read(of('strict'), deal)).value).toBe(floorOf(deal));
    of('available').clock.ahead += SECOND_LOOK_MS;
    await of('available').platform.scheduled();
    await warm();
    for (const deal of deals) expect((await read(of('available'), deal)).value).toBe(await stored(deal));
  });

  test('suddenly full: each write succeeds and is visible immediately, for as long as Redis is full', async () => {
    await warm();
    await server.fill();
    for (const [index, policy] of ['available', 'strict', 'available'].entries()) {
      const deal = deals[index] ?? '';
      expect((await change(of(policy), deal, 1_000 + index)).status).toBe(200);
      for (const instance of instances) {
        expect(await read(instance, deal)).toMatchObject({ value: 1_000 + index, cache: 'BYPASS' });
        expect((await listed(instance)).get(deal)).toBe(1_000 + index);
      }
    }
    // The drain handles the entries that it can, and keeps the others.
    of('available').clock.ahead += SECOND_LOOK_MS;
    await of('available').platform.scheduled();
    expect((await read(of('strict'), deals[0] ?? '')).value).toBe(1_000);
    await server.heal();
    await warm();
  });

  test.each([
    ['read-only', () => server.makeReadOnly()],
    ['without the permission to write', () => server.forbid('-@write', '+eval', '+evalsha')],
    [
      'full, and without the permission to delete',
      async () => {
        await server.forbid('-del', '-unlink');
        await server.fill();
      },
    ],
  ])('%s: each write is answered 503, and the row is unchanged', async (_state, make) => {
    await warm();
    const before = await Promise.all(deals.map(stored));
    await make();
    for (const policy of ['available', 'strict']) {
      for (const deal of deals.slice(0, 5)) {
        const response = await change(of(policy), deal, 9_999);
        expect([response.status, await response.json()]).toMatchObject([503, { code: 'COMMIT_REFUSED' }]);
        expect(response.headers.get('retry-after')).toBe('1');
      }
      const created = await of(policy).request('/deals', { method: 'POST', json: { title: 'Not made', value: 1 } });
      expect(created.status).toBe(503);
    }
    expect(await Promise.all(deals.map(stored))).toEqual(before);
    for (const instance of instances) {
      for (const [index, deal] of deals.entries()) expect((await read(instance, deal)).value).toBe(before[index]);
      expect((await listed(instance)).size).toBe(DEALS);
    }

    await server.heal();
    for (const [index, policy] of ['available', 'strict'].entries()) {
      const deal = deals[index] ?? '';
      const value = (before[index] ?? 0) + 1;
      expect((await change(of(policy), deal, value)).status).toBe(200);
      for (const instance of instances) expect((await read(instance, deal)).value).toBe(value);
    }
    await warm();
  });
});
