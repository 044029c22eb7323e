/** The samples of Redis: its own figures, and the memory of each family of keys. */

import { beforeEach, expect, test } from 'vitest';
import { createCounters, readCounters } from '../../../src/platform/counters/index.ts';
import { sampleMemory } from '../../../src/platform/observe/sample-memory.ts';
import { sampleServer } from '../../../src/platform/observe/sample-server.ts';
import { key } from '../../../src/platform/redis/index.ts';
import { type EntryRecord, writeRecord } from '../../../src/platform/sessions/record.ts';
import { adminRedis } from '../../support/admin-redis.ts';
import { newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate, rest } = suiteRedis();
const now = Date.UTC(2026, 10, 20);

function open() {
  const { redis, meter } = isolate().scope('-');
  const counters = createCounters({ now: () => now, token: newTenant });
  return { redis, meter, counters, system: { now: () => now, random: Math.random } };
}

beforeEach(async () => {
  await adminRedis({ url: rest().url }).flushdb();
});

/** Answers `INFO` with these figures. */
function answerInfo(figures: Record<string, number>): void {
  const lines = Object.entries(figures).map(([name, value]) => `${name}:${value}`);
  rest().intercept = ({ commands }) =>
    String(commands[0]) === 'INFO' ? { status: 200, body: [{ result: lines.join('\r\n') }] } : 'pass';
}

test('a sample notes the memory in use, for 2 requests', async () => {
  const { meter, ...services } = open();
  answerInfo({ used_memory: 5_000, connected_clients: 7, uptime_in_seconds: 60, evicted_keys: 0, expired_keys: 0 });
  const before = { ...meter };
  await sampleServer(services);
  expect([meter.requests - before.requests, meter.commands - before.commands]).toEqual([2, 2]);
  expect(Object.fromEntries(services.counters.pending())).toMatchObject({
    ...{ 'server.=memory': 5_000, 'server.=clients': 7, 'server.=uptime': 60 },
  });
});

test('evicted and expired keys are counted from one sample to the next, also over a restart of Redis', async () => {
  const counts: unknown[] = [];
  for (const [evicted, expired] of [
    [5, 10],
    [8, 12],
    [1, 0],
  ] as const) {
    const { counters, redis } = open();
    answerInfo({ evicted_keys: evicted, expired_keys: expired, mem_fragmentation_ratio: 1.25 });
    await sampleServer({ redis, counters });
    const all = counters.pending();
    counts.push([all.get('server.evicted'), all.get('server.expired'), all.get('server.=fragmentation')]);
  }
  expect(counts).toEqual([
    [undefined, undefined, 125],
    [3, 2, 125],
    [1, 0, 125],
  ]);
});

test('figures that Redis does not send are left out', async () => {
  const services = open();
  answerInfo({ used_memory: 5_000 });
  await sampleServer(services);
  expect([...services.counters.pending().keys()]).toEqual(['server.=memory']);
});

test('the real INFO has the memory in use', async () => {
  const services = open();
  await services.redis.set('key', 'value');
  await sampleServer(services);
  expect(services.counters.pending().get('server.=memory')).toBeGreaterThan(0);
});

test('the memory of families and tenants is exact if each key is measured, for 1 request a family and 2 more', async () => {
  const { redis, meter, counters, system } = open();
  const sizes = new Map<string, number>();
  const add = async (tenant: string, family: 'sessions' | 'entry', id: number, bytes: number) => {
    const name = key(tenant, family, String(id));
    if (family === 'entry') await redis.set(name, 'x'.repeat(bytes));
    else await redis.exec(['HSET', name, 'note=', 'x'.repeat(bytes)]);
    const size = await redis.exec<number>(['MEMORY', 'USAGE', name]);
    for (const label of [`memory.=bytes|${family}`, `tenant ${tenant} ${family}`]) {
      sizes.set(label, (sizes.get(label) ?? 0) + size);
    }
  };
  // Keys of one length, so that each key of a family has the same size.
  for (let id = 10; id < 30; id += 1) await add('acme', 'sessions', id, 100);
  for (let id = 10; id < 40; id += 1) await add(id < 20 ? 'acme' : 'opal', 'entry', id, 1_000);
  await redis.set('stranger', 'x');
  const before = { ...meter };
  expect(await sampleMemory({ redis, counters, system })).toEqual({ keys: 51 });
  // The number of keys with the tenants before, 1 SCAN, and 1 request for each of the families sessions, entry and other.
  // The sessions have 1 command more, which counts those that are alive.
  expect([meter.requests - before.requests, meter.commands - before.commands]).toEqual([5, 55]);
  const noted = Object.fromEntries(counters.pending());
  expect(noted).toMatchObject({
    ...{ 'memory.=keys|sessions': 20, 'memory.=keys|entry': 30, 'memory.=keys|other': 1 },
    'memory.=bytes|sessions': sizes.get('memory.=bytes|sessions'),
    'memory.=bytes|entry': sizes.get('memory.=bytes|entry'),
    'memory.=tenants|opal': sizes.get('tenant opal entry'),
    'memory.=sampled': now,
  });
});

test('the entries of each query are counted, and a query that has lost its entries has no count any more', async () => {
  const { redis, counters, system } = open();
  const read = async () => {
    await sampleMemory({ redis, counters, system });
    await counters.flush(redis);
    const memory = await readCounters({ redis, system }, { group: 'memory', window: 'total' });
    return memory.labels('memory.entries').map(({ query }) => [query, memory.value('memory.entries', { query })]);
  };
  for (const id of ['1', '2']) await redis.set(key('acme', 'entry', 'deal', 'id', id), 'x');
  await redis.set(key('opal', 'entry', 'deal', 'id', '1'), 'x');
  await redis.set(key('opal', 'entry', 'company'), 'x');
  expect((await read()).sort()).toEqual([
    ['company', 1],
    ['deal', 3],
  ]);
  await redis.del(key('opal', 'entry', 'company'));
  expect(await read()).toEqual([['deal', 3]]);
});

test('of a Redis that is too large to read, the numbers are estimated from the part that was read', async () => {
  const { redis, counters, system } = open();
  const names = Array.from({ length: 5_000 }, (_, id) => key('acme', 'entry', String(10_000 + id)));
  await redis.exec(['MSET', ...names.flatMap((name) => [name, 'x'.repeat(50)])]);
  const size = await redis.exec<number>(['MEMORY', 'USAGE', names[0] ?? '']);
  const { keys } = await sampleMemory({ redis, counters, system }, { mostScans: 2 });
  expect(keys).toBeLessThan(3_000);
  const estimated = (name: string) => Number(counters.pending().get(name));
  const estimates = [
    estimated('memory.=keys|entry'),
    estimated('memory.=bytes|entry') / size,
    estimated('memory.=tenants|acme') / size,
  ];
  for (const estimate of estimates) expect(Math.abs(estimate - 5_000)).toBeLessThan(50);
});

test('at most 20 tenants are noted, the largest ones', async () => {
  const { redis, counters, system } = open();
  for (let tenant = 0; tenant < 25; tenant += 1) {
    for (let id = 0; id <= tenant; id += 1) await redis.set(key(`tenant${tenant}`, 'entry', String(id)), 'x');
  }
  await sampleMemory({ redis, counters, system });
  const noted = [...counters.pending().keys()].filter((name) => name.startsWith('memory.=tenants|'));
  expect(noted.sort()).toEqual(Array.from({ length: 20 }, (_, n) => `memory.=tenants|tenant${n + 5}`).sort());
});

test('a tenant that is not among the largest any more has no size in any window, and the others keep theirs', async () => {
  const { redis, counters, system } = open();
  const read = async () => {
    await counters.flush(redis);
    const windows = ['1h', '24h', 'total'] as const;
    const readings = await Promise.all(
      windows.map((window) => readCounters({ redis, system }, { group: 'memory', window })),
    );
    return readings.map((reading) =>
      reading
        .labels('memory.tenants')
        .flatMap(({ tenant }) => (tenant === '-' ? [] : [tenant]))
        .sort(),
    );
  };
  for (const tenant of ['acme', 'opal']) await redis.set(key(tenant, 'entry', '1'), 'x');
  await sampleMemory({ redis, counters, system });
  expect(await read()).toEqual(Array(3).fill(['acme', 'opal']));
  await redis.del(key('opal', 'entry', '1'));
  await sampleMemory({ redis, counters, system });
  expect(await read()).toEqual(Array(3).fill(['acme']));
  await redis.set(key('opal', 'entry', '1'), 'x');
  await sampleMemory({ redis, counters, system });
  expect(await read()).toEqual(Array(3).fill(['acme', 'opal']));
});

test('the sessions that are alive are counted, without those that have ended, idled or been revoked', async () => {
  const { redis, counters, system } = open();
  const identity = { userId: 'user_1', role: 'member', authenticatedAt: now, methods: ['pwd'], device: 'Firefox' };
  const record = (more: Partial<EntryRecord> = {}) =>
    writeRecord({
      ...{ createdAt: now - 1_000, idleMs: 60_000, expiresAt: now + 1, epochs: { tenant: '', user: '' } },
      ...{ id: 'id', digest: '', identity, ...more },
    });
  const put = (tenant: string, bucket: string, fields: Record<string, string>) =>
    redis.exec(['HSET', key(tenant, 'sessions', bucket), ...Object.entries(fields).flat()]);
  await put('acme', 'one', {
    a: record(),
    'a~': `${now}`,
    'a=': '{}',
    b: record({ createdAt: now - 90_000 }),
    'b~': `${now - 59_999}`,
  });
  await put('acme', 'two', { 'r.c': record(), 'r.c~': `${now} state` });
  await put('acme', 'ended', {
    ...{ a: record({ expiresAt: now }), b: record({ createdAt: now - 60_000 }) },
    ...{ c: record({ epochs: { tenant: '', user: 'before' } }), d: record({ epochs: { tenant: 'before', user: '' } }) },
  });
  await redis.set(key('opal', 'epoch'), 'E1');
  await redis.set(key('opal', 'epoch', 'one'), 'E2');
  await put('opal', 'one', { a: record({ epochs: { tenant: 'E1', user: 'E2' } }), b: record() });
  await sampleMemory({ redis, counters, system });
  expect(Object.fromEntries(counters.pending())).toMatchObject({
    ...{ 'sessions.=users': 3, 'sessions.=alive|browser': 3, 'sessions.=alive|program': 1, 'memory.=keys|sessions': 4 },
  });
});

test('of more users than are drawn, the sessions are estimated', async () => {
  const { redis, counters, system } = open();
  const identity = { userId: 'user_1', role: 'member', authenticatedAt: now, methods: ['pwd'], device: 'Firefox' };
  const times = { createdAt: now, idleMs: 60_000, expiresAt: now + 60_000 };
  const entry = writeRecord({ ...times, epochs: { tenant: '', user: '' }, id: 'id', digest: '', identity });
  const users = Array.from({ length: 250 }, (_, user) => key('acme', 'sessions', String(user)));
  await Promise.all(users.map((name) => redis.exec(['HSET', name, 'a', entry, 'b', entry])));
  await sampleMemory({ redis, counters, system });
  expect(Object.fromEntries(counters.pending())).toMatchObject({
    'sessions.=users': 250,
    'sessions.=alive|browser': 500,
  });
});

test('a family that has lost its keys has no size any more', async () => {
  const { redis, counters, system } = open();
  const name = key('acme', 'entry', '1');
  await redis.set(name, 'x');
  await sampleMemory({ redis, counters, system });
  expect(counters.pending().get('memory.=keys|entry')).toBe(1);
  await redis.del(name);
  await sampleMemory({ redis, counters, system });
  expect(counters.pending().get('memory.=keys|entry')).toBe(0);
  expect(counters.pending().get('memory.=bytes|entry')).toBe(0);
});

test('a sample that is aborted ends with the reason', async () => {
  const services = open();
  await expect(sampleMemory(services, { signal: AbortSignal.abort(new Error('too long')) })).rejects.toThrow(
    'too long',
  );
});
