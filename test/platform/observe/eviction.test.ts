/** Eviction switched on by mistake: found with INFO, CONFIG or a canary, and never guessed to be off. */
import { beforeEach, expect, test } from 'vitest';
import type { RedisRest } from '../../../dev/redis-rest/server.ts';
import { createTestApp } from '../../support/app.ts';
import { ADMIN_TOKEN } from '../../support/rest.ts';
import { describeFaults, faultyRedis } from '../redis-faults/world.ts';

const redis = faultyRedis();
const ELDER = 'hf:-:cn:elder';
const YOUNGER = 'hf:-:cn:younger';
const POLICIES = [
  ['noeviction', 'off'],
  ['allkeys-lru', 'on'],
  ['volatile-ttl', 'on'],
] as const;

interface Redis {
  status: string;
  eviction: string;
}

function open(clock = { ahead: 0 }, environment: Record<string, string> = {}) {
  const { url, token } = redis.rest();
  const app = createTestApp({
    environment: { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token, ...environment },
    system: { now: () => Date.now() + clock.ahead },
  });
  return {
    ...app,
    async ready(): Promise<Redis> {
      const response = await app.request('/health/ready', { key: null });
      return ((await response.json()) as { redis: Redis }).redis;
    },
    /** The log's events about eviction. */
    logged: () =>
      app.lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ event }) => event === 'redis.evicts'),
  };
}

/** Answers these commands like a server without them. The other commands run with the rights of the token. */
function silence(names: readonly string[], token = redis.rest().token): void {
  const rest: RedisRest = redis.rest();
  rest.intercept = async ({ commands }) => {
    if (!commands.some(([name]) => names.includes(String(name)))) return 'pass';
    const known = commands.filter(([name]) => !names.includes(String(name)));
    const headers = { authorization: `Bearer ${token}` };
    const replies =
      known.length === 0
        ? []
        : ((await (
            await fetch(`${rest.url}/pipeline`, { method: 'POST', headers, body: JSON.stringify(known) })
          ).json()) as unknown[]);
    const body = commands.map(([name]) =>
      names.includes(String(name)) ? { error: 'ERR Command is not available' } : replies.shift(),
    );
    return { status: 200, body };
  };
}

describeFaults('eviction', () => {
  beforeEach(async () => {
    await redis.server().admin('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await redis.server().admin('FLUSHALL');
  });

  test.each(POLICIES)(
    'INFO gives the policy %s: %s; 1 request, and after the first check no further command',
    async (policy, eviction) => {
      await redis.server().admin('CONFIG', 'SET', 'maxmemory-policy', policy);
      const app = open();
      expect(await app.ready()).toMatchObject({ status: 'ok', eviction });
      const before = redis.rest().counts();
      expect(await app.ready()).toMatchObject({ eviction });
      const { requests, commands } = redis.rest().counts();
      expect([requests - before.requests, commands - before.commands]).toEqual([1, 2]);
      expect(app.logged()).toMatchObject(eviction === 'on' ? [{ level: 'error', source: 'info', policy }] : []);
    },
  );

  test.each(POLICIES)('only CONFIG gives an app with all rights the policy %s: %s', async (policy, eviction) => {
    await redis.server().admin('CONFIG', 'SET', 'maxmemory-policy', policy);
    silence(['INFO'], ADMIN_TOKEN);
    const app = open({ ahead: 0 }, { UPSTASH_REDIS_REST_TOKEN: ADMIN_TOKEN });
    for (let look = 0; look < 2; look += 1) expect(await app.ready()).toMatchObject({ status: 'ok', eviction });
    expect(app.logged()).toMatchObject(eviction === 'on' ? [{ source: 'config', policy }] : []);
  });

  test('INFO has no policy, and the rights of docs/access.md have no CONFIG: unknown', async () => {
    silence(['INFO']);
    const app = open();
    for (let look = 0; look < 2; look += 1)
      expect(await app.ready()).toMatchObject({ status: 'ok', eviction: 'unknown' });
    expect(app.logged()).toEqual([]);
  });

  test('neither INFO nor CONFIG, and no lost canary: unknown at each check', async () => {
    silence(['INFO', 'CONFIG']);
    const app = open();
    for (let look = 0; look < 3; look += 1) expect(await app.ready()).toMatchObject({ eviction: 'unknown' });
    expect(await redis.server().admin('TTL', ELDER)).toBe(-1);
    expect(app.logged()).toEqual([]);
  });

  test('neither INFO nor CONFIG; the older canary is lost, the younger exists: on, and logged once', async () => {
    silence(['INFO', 'CONFIG']);
    const clock = { ahead: 0 };
    const app = open(clock);
    await app.ready();
    await redis.server().admin('DEL', ELDER);
    for (let look = 0; look < 2; look += 1) expect(await app.ready()).toMatchObject({ eviction: 'on' });
    expect(await open(clock).ready()).toMatchObject({ eviction: 'on' });
    expect(app.logged()).toMatchObject([{ level: 'error', source: 'canary' }]);
    // The policy may have been corrected: after a day both canaries begin again.
    clock.ahead = 25 * 3_600_000;
    await app.ready();
    expect(await app.ready()).toMatchObject({ eviction: 'unknown' });
  });

  test('a check counts as a use of the younger canary only, so the older one is evicted first', async () => {
    const server = redis.server();
    // Redis counts each use, so the test does not wait for a second to pass.
    await server.admin('CONFIG', 'SET', 'lfu-log-factor', '0');
    await server.admin('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu');
    silence(['INFO', 'CONFIG']);
    const app = open();
    await app.ready();
    const usesOf = async (canary: string) => Number(await server.admin('OBJECT', 'FREQ', canary));
    const [elder, younger] = [await usesOf(ELDER), await usesOf(YOUNGER)];
    for (let look = 0; look < 3; look += 1) await app.ready();
    expect([await usesOf(ELDER), await usesOf(YOUNGER)]).toEqual([elder, younger + 3]);
  });

  test('a flush removes both canaries, and a failover the younger first: unknown', async () => {
    silence(['INFO', 'CONFIG']);
    const app = open();
    await app.ready();
    await redis.server().admin('FLUSHALL');
    expect(await app.ready()).toMatchObject({ eviction: 'unknown' });
    await redis.server().admin('DEL', YOUNGER);
    for (let look = 0; look < 2; look += 1) expect(await app.ready()).toMatchObject({ eviction: 'unknown' });
  });

  test('neither INFO nor CONFIG, and Redis is full: unknown', async () => {
    silence(['INFO', 'CONFIG']);
    await redis.make('full');
    expect(await open().ready()).toMatchObject({ status: 'ok', eviction: 'unknown' });
  });

  test('Redis does not answer: down, and unknown', async () => {
    redis.rest().intercept = () => ({ status: 503, body: { error: 'down' } });
    expect(await open().ready()).toMatchObject({ status: 'down', eviction: 'unknown' });
  });
});
