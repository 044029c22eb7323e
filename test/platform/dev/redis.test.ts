/** The embedded Redis: starts empty on the given port, and answers without the stalls of Nagle's algorithm. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@redis/client';
import { expect, test, vi } from 'vitest';
import { startRedis } from '../../../dev/redis/server.ts';
import { startRedisRest } from '../../../dev/redis-rest/server.ts';
import { lastingPort } from '../../support/lasting-port.ts';
import { TOKEN } from '../../support/rest.ts';
import { call } from './rest-call.ts';

test('it restarts empty on the same port', async () => {
  const first = await startRedis({ port: await lastingPort() });
  const client = createClient({ url: first.url, socket: { reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  await client.set('k', 'v');
  await first.close();

  const second = await startRedis({ port: first.port });
  expect(second.url).toBe(first.url);
  const again = createClient({ url: second.url });
  await again.connect();
  expect(await again.get('k')).toBeNull();
  again.destroy();
  await second.close();
});

test('a taken port is an error with its code', async () => {
  const redis = await startRedis();
  await expect(startRedis({ port: redis.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await redis.close();
});

test('concurrent requests are answered as fast as one after the other, without 40 ms stalls', async () => {
  const redis = await startRedis();
  const rest = await startRedisRest({ redisUrl: redis.url, token: TOKEN });
  const ping = () => call(rest, '/', ['PING']);
  const rounds = { together: [] as number[], inTurn: [] as number[] };
  for (let round = 0; round < 15; round++) {
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 16 }, ping));
    const between = performance.now();
    for (let each = 0; each < 16; each++) await ping();
    rounds.together.push(between - startedAt);
    rounds.inTurn.push(performance.now() - between);
  }
  // A delayed acknowledgement would slow every round, so the fastest rounds show it even on a busy machine.
  expect(Math.min(...rounds.together)).toBeLessThan(2 * Math.min(...rounds.inTurn));
  await rest.close();
  await redis.close();
});

/** Prints the bytes that 100 short values keep in memory, if 64 KiB of other requests pass between each two. */
const KEPT_BYTES = `
  import { createClient } from '@redis/client';
  import { startRedis } from './dev/redis/server.ts';
  const redis = await startRedis();
  const client = createClient({ url: redis.url });
  await client.connect();
  const held = () => (gc(), process.memoryUsage().arrayBuffers);
  const before = held();
  const passing = Buffer.alloc(4_096, 'x');
  for (let number = 0; number < 100; number++) {
    await client.set('stays:' + number, 'v');
    await Promise.all(Array.from({ length: 16 }, () => client.set('passing', passing)));
  }
  console.log(held() - before);
  process.exit();
`;

test('short values that stay keep no memory of the requests between them', async () => {
  // A process of its own, because other suites of this process leave memory behind.
  const node = ['--expose-gc', '--input-type=module', '--eval', KEPT_BYTES];
  const { stdout } = await promisify(execFile)(process.execPath, node, { cwd: join(import.meta.dirname, '../../..') });
  // With shared slabs of 64 KiB, each value would keep one: more than 6 MB.
  expect(Number(stdout)).toBeLessThan(1_000_000);
});

test('SCAN, KEYS and RANDOMKEY find the keys, and copy no value', async () => {
  const redis = await startRedis();
  const client = createClient({ url: redis.url });
  await client.connect();
  const names = Array.from({ length: 50 }, (_, index) => `k:${index}`);
  for (const name of names) await client.hSet(name, { one: 'a value', two: 'another value' });
  await client.set('other', 'text', { PX: 60_000 });

  const copies = vi.spyOn(Buffer, 'from');
  const found: string[] = [];
  for await (const page of client.scanIterator({ MATCH: 'k:*', COUNT: 10, TYPE: 'hash' })) found.push(...page);
  const keys = await client.keys('k:*');
  const random = await client.randomKey();
  const ofValues = copies.mock.calls.filter(([given]) => Buffer.isBuffer(given) && String(given).endsWith('value'));
  copies.mockRestore();

  expect(found.toSorted()).toEqual(names.toSorted());
  expect(keys.toSorted()).toEqual(names.toSorted());
  expect([...names, 'other']).toContain(random);
  expect(ofValues).toEqual([]);
  client.destroy();
  await redis.close();
});
