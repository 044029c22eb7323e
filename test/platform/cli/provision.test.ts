/**
 * `provision` against answers in the form that the vendors document: Upstash's OpenAPI document of the Developer API, and
 * Cloudflare's API of Hyperdrive. The requests are compared exactly.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { run } from '../../../cli/run.ts';

const ID = '96ad0856-03b1-4ee7-9666-e81abd0349e1';
const CONFIGS = '/accounts/023e105f/hyperdrive/configs';
/** The example of Upstash's document, shortened. */
const database = {
  ...{ database_id: ID, database_name: 'holdfast', region: 'global', port: 6379, state: 'active' },
  ...{
    endpoint: 'beloved-stallion-58500',
    tls: true,
    rest_token: 'the secret rest token',
    primary_region: 'us-east-1',
  },
  ...{ eviction: false, db_eviction: false, daily_backup_enabled: true },
};
const config = {
  ...{ id: '2f1c9d70', name: 'holdfast', caching: { disabled: true } },
  origin: { scheme: 'postgres', host: 'db.example', port: 5432, database: 'holdfast', user: 'app' },
};

let answers: Record<string, unknown>;
let requests: { call: string; authorization: string | undefined; body: unknown }[];
const vendors = createServer(async (request, response) => {
  const body = await text(request);
  const call = `${request.method} ${request.url}`;
  requests.push({ call, authorization: request.headers.authorization, body: body === '' ? null : JSON.parse(body) });
  const answer = answers[call];
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer ?? { errors: [{ message: 'the secret of an error' }] }));
});
const folder = mkdtempSync(join(tmpdir(), 'holdfast-provision-'));
let variables: Record<string, string>;
beforeAll(async () => {
  await new Promise<void>((listening) => vendors.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(vendors.address() as AddressInfo).port}`;
  variables = {
    ...{ UPSTASH_EMAIL: 'ops@kelp.example', UPSTASH_API_KEY: 'the secret api key', UPSTASH_API_URL: url },
    ...{ QSTASH_TOKEN: 'the secret token', QSTASH_URL: url },
    ...{ CLOUDFLARE_ACCOUNT_ID: '023e105f', CLOUDFLARE_API_TOKEN: 'the secret of cloudflare', CLOUDFLARE_API_URL: url },
    DATABASE_URL: 'postgresql://app:the%20secret%20password@db.example/holdfast',
  };
});
beforeEach(() => {
  requests = [];
  answers = {
    'GET /v2/redis/databases': [database],
    [`GET /v2/redis/database/${ID}`]: database,
    [`POST /v2/redis/disable-eviction/${ID}`]: 'OK',
    [`PATCH /v2/redis/enable-dailybackup/${ID}`]: 'OK',
    'GET /v2/keys': { current: 'the secret current key', next: 'the secret next key' },
    [`GET ${CONFIGS}`]: { success: true, errors: [], messages: [], result: [config] },
  };
});
afterAll(async () => {
  await new Promise((closed) => vendors.close(closed));
  rmSync(folder, { recursive: true });
});

const provision = (words: string, more: Record<string, string | undefined> = {}) =>
  run(['provision', ...words.split(' ')], { ...variables, ...more });
const changes = () => requests.filter(({ call }) => !call.startsWith('GET '));

test('services that are as they must be need no change, and no secret is shown', async () => {
  const { exitCode, out, error } = await provision('--dry-run');
  expect([exitCode, error, changes()]).toEqual([0, '', []]);
  expect(out.match(/^done /gm)).toHaveLength(7);
  expect(out).not.toContain('secret');
  expect(requests.map(({ authorization }) => authorization).sort()).toEqual(
    [
      ...Array.from({ length: 2 }, () => `Basic ${btoa('ops@kelp.example:the secret api key')}`),
      'Bearer the secret of cloudflare',
      'Bearer the secret token',
    ].sort(),
  );
});

test('a dry run shows the changes and makes none; --apply makes exactly these', async () => {
  answers[`GET /v2/redis/database/${ID}`] = { ...database, eviction: true, daily_backup_enabled: false };
  answers[`GET ${CONFIGS}`] = { result: [] };
  answers[`POST ${CONFIGS}`] = { success: true, result: config };
  const dry = await provision('--dry-run');
  expect([dry.exitCode, changes()]).toEqual([1, []]);
  expect(dry.out.match(/^to do .*/gm)).toEqual([
    expect.stringContaining('turn eviction off'),
    expect.stringContaining('turn the daily backup on'),
    expect.stringContaining('create the configuration holdfast'),
  ]);
  expect(await provision('--apply')).toMatchObject({ exitCode: 0, error: '' });
  const origin = { ...config.origin, password: 'the secret password' };
  expect(changes().map(({ call, body }) => [call, body])).toEqual([
    [`POST /v2/redis/disable-eviction/${ID}`, null],
    [`PATCH /v2/redis/enable-dailybackup/${ID}`, null],
    [`POST ${CONFIGS}`, { name: 'holdfast', origin, caching: { disabled: true } }],
  ]);
});

test('a missing database is created with TLS and without eviction, and its variables are written for the operator alone', async () => {
  answers['GET /v2/redis/databases'] = [{ ...database, database_name: 'other' }];
  answers['POST /v2/redis/database'] = database;
  const file = join(folder, 'new.env');
  const { exitCode, out } = await provision(`--apply --region us-east-1 --write ${file}`);
  expect(exitCode).toBe(0);
  expect(changes().map(({ call, body }) => [call, body])).toEqual([
    [
      'POST /v2/redis/database',
      { database_name: 'holdfast', platform: 'aws', primary_region: 'us-east-1', tls: true, eviction: false },
    ],
    [`PATCH /v2/redis/enable-dailybackup/${ID}`, null],
  ]);
  expect(readFileSync(file, 'utf8').split('\n')).toEqual([
    'UPSTASH_REDIS_REST_URL=https://beloved-stallion-58500.upstash.io',
    'UPSTASH_REDIS_REST_TOKEN=the secret rest token',
    'QSTASH_CURRENT_SIGNING_KEY=the secret current key',
    'QSTASH_NEXT_SIGNING_KEY=the secret next key',
    'HYPERDRIVE_ID=2f1c9d70',
    '',
  ]);
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(out).not.toContain('secret');
});

test('a configuration of another database is left to the operator', async () => {
  const { exitCode, out } = await provision('--apply', { DATABASE_URL: 'postgresql://app@elsewhere.example/holdfast' });
  expect([exitCode, changes()]).toEqual([1, []]);
  expect(out).toMatch(/^by hand +hyperdrive/m);
});

test('without access a service is skipped, and the missing variables are named', async () => {
  const { exitCode, out } = await run(['provision', '--dry-run'], {});
  expect([exitCode, requests]).toEqual([0, []]);
  for (const name of ['UPSTASH_API_KEY', 'QSTASH_TOKEN', 'CLOUDFLARE_API_TOKEN']) expect(out).toContain(name);
});

test('a refusal ends the command with 1 and no part of the answer; a file that exists is kept', async () => {
  delete answers['GET /v2/keys'];
  const refused = await provision('--dry-run');
  expect(refused).toMatchObject({ exitCode: 1, out: '', error: 'QStash answers 404 to GET /v2/keys' });
  answers['GET /v2/keys'] = { current: 'a', next: 'b' };
  expect((await provision('--dry-run --apply')).error).toBe('Give one of --dry-run and --apply');
  const kept = join(folder, 'kept.env');
  expect(await provision(`--dry-run --write ${kept}`)).toMatchObject({ exitCode: 0 });
  const before = readFileSync(kept, 'utf8');
  expect(await provision(`--dry-run --write ${kept}`)).toMatchObject({ exitCode: 2 });
  expect([existsSync(kept), readFileSync(kept, 'utf8')]).toEqual([true, before]);
});
