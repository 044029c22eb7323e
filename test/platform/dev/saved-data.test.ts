/** The data that the local cloud keeps between two starts, after Ctrl-C and after kill -9. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from '@upstash/qstash';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOCAL_SECRETS } from '../../../dev/cloud/secrets.ts';
import { startRedis } from '../../../dev/redis/server.ts';
import { openDataFolder } from '../../../dev/saved/folder.ts';
import { keepRedisSaved } from '../../../dev/saved/redis.ts';
import { key, tag, versionKey } from '../../../src/platform/redis/index.ts';
import { createTestApp } from '../../support/app.ts';
import type { AppCloud } from '../../support/local-cloud.ts';
import { redisConnection } from './redis-connection.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-data-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the embedded Redis', () => {
  /** Calls a function with a Redis saved in a file, and closes both in order. */
  async function within<Result>(
    file: string,
    work: (send: (...command: string[]) => Promise<unknown>) => Promise<Result>,
  ): Promise<Result> {
    const redis = await startRedis();
    const saving = await keepRedisSaved(join(folder, file), redis.url);
    const connection = await redisConnection(redis.url);
    try {
      return await work(connection.send);
    } finally {
      connection.close();
      await saving.close();
      await redis.close();
    }
  }

  test('keeps every type of key with its time to live', async () => {
    const job = key('acme', 'job', 'j1');
    const kept = ['SET', key('acme', 'once', 'text'), 'bytes: \u0000 ü', 'PX', '3600000'];
    await within('types', async (send) => {
      await send(...kept);
      await send('HSET', job, 'state', 'queued', 'attempt', '2');
      await send('SADD', 'of-others:set', 'a', 'b');
      await send('ZADD', 'of-others:sorted', '1.5', 'first', '2', 'second');
      await send('RPUSH', 'of-others:list', 'x', 'y', 'x');
      await send('XADD', 'of-others:stream', '5-1', 'name', 'value', 'other', 'more');
    });
    await within('types', async (send) => {
      expect(await send('GET', kept[1] ?? '')).toBe(kept[2]);
      const ttl = Number(await send('PTTL', kept[1] ?? ''));
      expect(ttl > 0 && ttl <= 3_600_000).toBe(true);
      expect(await send('HGETALL', job)).toEqual(['state', 'queued', 'attempt', '2']);
      expect(await send('SMEMBERS', 'of-others:set')).toEqual(['a', 'b']);
      expect(await send('ZRANGE', 'of-others:sorted', '0', '-1', 'WITHSCORES')).toEqual([
        'first',
        '1.5',
        'second',
        '2',
      ]);
      expect(await send('LRANGE', 'of-others:list', '0', '-1')).toEqual(['x', 'y', 'x']);
      expect(await send('XRANGE', 'of-others:stream', '-', '+')).toEqual([['5-1', ['name', 'value', 'other', 'more']]]);
    });
  });

  test('does not keep caches, guards, leases, limits, codes and locks', async () => {
    const leftOut = [
      key('acme', 'entry', 'deal', 'd1'),
      versionKey('acme', tag('deal', 'd1')),
      key('acme', 'lease', 'deal', 'd1'),
      key('acme', 'limit', 'api'),
      key('acme', 'lock', 'import'),
      key('acme', 'item', 'rates'),
      key('acme', 'guard', 'member'),
      key('acme', 'challenge', 'ada'),
    ];
    await within('left-out', async (send) => {
      for (const each of [...leftOut, key('acme', 'once', 'kept')]) await send('SET', each, 'value');
    });
    await within('left-out', async (send) => {
      expect(await send('KEYS', '*')).toEqual([key('acme', 'once', 'kept')]);
    });
  });
});

test('one process at a time may use the folder, and --fresh empties it', async () => {
  const path = join(folder, 'held');
  const first = await openDataFolder(path);
  expect(first).toBeDefined();
  expect(await openDataFolder(path)).toBeUndefined();
  await first?.close();
  const second = await openDataFolder(path, { fresh: true });
  expect(second).toBeDefined();
  await second?.close();
});

describe('npm run cloud', () => {
  interface Ready extends AppCloud {
    demoKey: string;
  }
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  async function start(): Promise<{ cloud: Ready; end(signal: NodeJS.Signals): Promise<void> }> {
    const { REDIS_URL: _redis, DATABASE_URL: _database, ...environment } = process.env;
    const child = spawn(
      process.execPath,
      ['--liftoff-only', join(import.meta.dirname, '../../../dev/commands/cloud.ts')],
      {
        env: { ...environment, HOLDFAST_DATA: join(folder, 'cloud') },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    children.push(child);
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.startsWith('{"ready":true')) continue;
      const ready = JSON.parse(line) as Omit<Ready, 'postgres' | 'mail'> & { postgres: string; mail: string };
      child.stdout.resume();
      return {
        cloud: {
          ...ready,
          postgres: { url: ready.postgres },
          mail: { url: ready.mail, token: LOCAL_SECRETS.mailToken },
        },
        async end(signal) {
          const exited = once(child, 'exit');
          child.kill(signal);
          await exited;
        },
      };
    }
    throw new Error('the local cloud did not start');
  }

  test('4/A6: keeps rows, sessions, mails, messages and schedules across a restart', async () => {
    const first = await start();
    const before = createTestApp({ cloud: first.cloud });
    const created = await before.request('/companies', { method: 'POST', json: { name: 'Kelp & Sons' } });
    expect(created.status).toBe(201);
    const json = { email: 'member@acme.example', password: 'holdfast-demo-password' };
    const signedIn = await before.request('/auth/sign-in', { method: 'POST', key: null, json });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const qstash = new Client({ baseUrl: first.cloud.qstash.url, token: first.cloud.qstash.token });
    const { messageId } = await qstash.publishJSON({ url: 'http://127.0.0.1:1/later', body: {}, delay: '1h' });
    await qstash.schedules.create({ scheduleId: 'kept', destination: 'http://127.0.0.1:1/', cron: '0 0 1 1 *' });
    await sendMail(first.cloud);
    await before.close();
    await first.end('SIGTERM');

    const second = await start();
    const after = createTestApp({ cloud: second.cloud });
    const path = created.headers.get('location') ?? '';
    expect(await (await after.request(path)).json()).toMatchObject({ name: 'Kelp & Sons' });
    expect((await after.request('/auth/sessions', { key: null, headers: { cookie } })).status).toBe(200);
    const again = new Client({ baseUrl: second.cloud.qstash.url, token: second.cloud.qstash.token });
    expect(await again.messages.get(messageId)).toMatchObject({ url: 'http://127.0.0.1:1/later' });
    expect(await again.schedules.get('kept')).toMatchObject({ cron: '0 0 1 1 *' });
    expect(await (await fetch(`${second.cloud.mail.url}/messages`)).json()).toMatchObject([{ subject: 'Kept' }]);
    await after.close();
    await second.end('SIGTERM');
  });

  test('after kill -9 in the middle of writes no read is older than the database', { timeout: 180_000 }, async () => {
    let path = '';
    let acknowledged = -1;
    for (const writes of [1, 7, 20]) {
      const running = await start();
      const app = createTestApp({ cloud: running.cloud });
      if (path === '') {
        const created = await app.request('/companies', { method: 'POST', json: { name: 'at 0' } });
        path = created.headers.get('location') ?? '';
      } else {
        expect(await writeThatIsRead(app)).toBeGreaterThanOrEqual(acknowledged);
      }
      for (let write = 0; write < writes; write += 1) {
        const next = acknowledged + 1;
        const changed = await app.request(path, { method: 'PATCH', json: { name: `at ${next}` } });
        expect(changed.status).toBe(200);
        acknowledged = next;
        expect(await (await app.request(path)).json()).toMatchObject({ name: `at ${next}` });
      }
      // Another write is under way when the process dies.
      const last = app.request(path, { method: 'PATCH', json: { name: `at ${acknowledged + 1}` } });
      await running.end('SIGKILL');
      await last;
      await app.close();
    }
    /** The number of the write whose value a read returns. */
    async function writeThatIsRead(app: ReturnType<typeof createTestApp>): Promise<number> {
      const answer = await app.request(path);
      const text = await answer.text();
      expect(answer.status, text).toBe(200);
      return Number((JSON.parse(text) as { name: string }).name.slice(3));
    }

    const final = await start();
    const app = createTestApp({ cloud: final.cloud });
    expect(await writeThatIsRead(app)).toBeGreaterThanOrEqual(acknowledged);
    await app.close();
    await final.end('SIGTERM');
  });
});

async function sendMail({ mail }: AppCloud): Promise<void> {
  const body = JSON.stringify({ from: 'a@acme.example', to: 'b@acme.example', subject: 'Kept', text: 'text' });
  await fetch(`${mail.url}/emails`, { method: 'POST', headers: { authorization: `Bearer ${mail.token}` }, body });
}
