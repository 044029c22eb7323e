/** `npm run cloud` as a program sees it: its last line has the addresses of all parts, and a signal ends it cleanly. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from '@upstash/redis';
import { afterAll, afterEach, expect, test } from 'vitest';
import { send } from '../db/database.ts';

const CLOUD = fileURLToPath(new URL('../../../dev/commands/cloud.ts', import.meta.url));
const data = mkdtempSync(join(tmpdir(), 'holdfast-data-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function run(env: Record<string, string> = {}, args: string[] = []) {
  const { REDIS_URL: _redis, DATABASE_URL: _database, ...rest } = process.env;
  const child = spawn(process.execPath, ['--liftoff-only', CLOUD, ...args], {
    env: { ...rest, HOLDFAST_DATA: data, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const output = { text: '' };
  const { promise: ready, resolve } = Promise.withResolvers<Record<string, unknown>>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output.text += chunk;
      const line = output.text.trimEnd().split('\n').at(-1) ?? '';
      if (line.startsWith('{') && output.text.endsWith('\n')) resolve(JSON.parse(line));
    });
  }
  const exited = new Promise<number | null>((done) => child.once('close', done));
  return { child, output, ready, exited };
}

test('with --fresh it removes the data of earlier starts and seeds again; prints one line of JSON when all parts answer; SIGTERM stops it with 0', {
  timeout: 300_000,
}, async () => {
  // A damaged database that cannot be opened.
  mkdirSync(join(data, 'postgres'));
  writeFileSync(join(data, 'postgres/PG_VERSION'), '1\n');
  const startedAt = Date.now();
  const { child, ready, exited } = run({}, ['--fresh']);
  const line = await ready;
  // Midnight may pass meanwhile.
  const days = [startedAt, Date.now()].map((at) => new Date(at).toISOString().slice(0, 10));
  expect(days).toContain(await latestWork(String(line['postgres'])));
  expect(line).toEqual({
    ready: true,
    api: null,
    redisRest: { url: expect.stringMatching(/^http:/), token: 'local-redis-token' },
    redis: expect.stringMatching(/^redis:/),
    qstash: {
      url: expect.stringMatching(/^http:/),
      token: 'local-qstash-token',
      currentSigningKey: expect.stringMatching(/^sig_/),
      nextSigningKey: expect.stringMatching(/^sig_/),
    },
    postgres: expect.stringMatching(/^postgres:/),
    mail: expect.stringMatching(/^http:/),
    s3: { url: expect.stringMatching(/^http:/), accessKeyId: 'local', secretAccessKey: expect.any(String) },
    demoKey: expect.any(String),
    demo: { email: expect.stringContaining('@'), password: expect.any(String) },
  });
  const { url, token } = line['redisRest'] as { url: string; token: string };
  expect(await new Redis({ url, token }).ping()).toBe('PONG');
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

test('a part that cannot start is named, and the exit code is not 0', { timeout: 300_000 }, async () => {
  const { output, exited } = run({ REDIS_URL: 'redis://127.0.0.1:1', DATABASE_URL: 'postgres://127.0.0.1:1/none' });
  expect(await exited).toBe(1);
  expect(output.text).toMatch(/^(redisRest|database): .*(ECONNREFUSED|timeout)/m);
});

/** The day of the latest deal in the demo data. */
async function latestWork(connectionString: string): Promise<string | undefined> {
  const [row] = await send<{ day: string }>(
    connectionString,
    "SELECT to_char(max(created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day FROM deals WHERE tenant_id = 'acme'",
  );
  return row?.day;
}
