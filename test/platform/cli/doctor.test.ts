/** `doctor`: each fault of a deployment is named with its cure, and no value of a variable is shown. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { clockFinding, type Finding } from '../../../cli/doctor/finding.ts';
import { run } from '../../../cli/run.ts';
import { appVariables } from '../../../dev/cloud/app-environment.ts';
import { readMigrations } from '../../../prisma/migration-files.ts';
import { ADMIN_TOKEN, startRest, TOKEN } from '../../support/rest.ts';
import { openTestDatabase, send, type TestDatabase } from '../db/database.ts';

let variables: Record<string, string>;
/** A port on which no server listens. */
let closedPort: string;
let ready: { status: number; body: string };
let appUrl: string;
const app = createServer((request, response) => {
  response.writeHead(request.url === '/health/ready' ? ready.status : 404).end(ready.body);
});
beforeAll(async () => {
  closedPort = await freePort();
  await new Promise<void>((listening) => app.listen(0, '127.0.0.1', listening));
  appUrl = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  const { postgres } = inject('cloud');
  variables = { ...appVariables(inject('cloud'), appUrl), DATABASE_URL: postgres.url };
});
afterAll(() => new Promise((closed) => app.close(closed)));

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return String(port);
}

/** Puts a closed port in the place of `CLOSED`. */
function withPort(changes: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(changes).map(([name, value]) => [name, value?.replace('CLOSED', closedPort)]),
  );
}

/** Runs `doctor` with changed variables. An `undefined` variable is not set. */
async function doctor(changes: Record<string, string | undefined> = {}) {
  ready = { status: 200, body: '{"status":"ok"}' };
  return examine(changes);
}

async function examine(changes: Record<string, string | undefined> = {}) {
  const { exitCode, out, error } = await run(['doctor', '--json'], { ...variables, ...withPort(changes) });
  expect(error).toBe('');
  return { exitCode, out, findings: (JSON.parse(out) as { findings: Finding[] }).findings };
}

const notOk = (findings: Finding[]) => findings.filter(({ outcome }) => outcome !== 'ok');

test('a sound deployment passes with 0, and every part was checked', async () => {
  const { exitCode, findings } = await doctor();
  expect([exitCode, notOk(findings).filter(({ outcome }) => outcome === 'failed')]).toEqual([0, []]);
  expect(new Set(findings.map(({ part }) => part))).toEqual(
    new Set(['environment', 'redis', 'postgres', 'qstash', 'app']),
  );
  const { out } = await run(['doctor'], variables);
  expect(out).toMatch(/^ok +postgres +every migration is applied$/m);
  expect(out).toMatch(/\d+ checks, 0 failed, \d+ with a warning$/);
});

test.each<[string, Record<string, string | undefined>, Finding['part'], RegExp, RegExp]>([
  ['a missing variable', { MAIL_TOKEN: undefined }, 'environment', /^MAIL_TOKEN is missing/, /mail provider/],
  ['a wrong variable', { AUTH_KEYS: 'marked value' }, 'environment', /^AUTH_KEYS must be/, /openssl rand -base64 32/],
  [
    'public keys',
    { HOLDFAST_MODE: 'production' },
    'environment',
    /^AUTH_KEYS must not contain a key of the local/,
    /k1:/,
  ],
  ['Redis’ token', { UPSTASH_REDIS_REST_TOKEN: 'marked value' }, 'redis', /refuses the token/, /REST API/],
  [
    'Redis’ address',
    { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:CLOSED' },
    'redis',
    /no answer/,
    /UPSTASH_REDIS_REST_URL/,
  ],
  [
    'the database’s address',
    { DATABASE_URL: 'postgresql://me:marked value@127.0.0.1:CLOSED/x' },
    'postgres',
    /no answer \(ECONNREFUSED\)/,
    /DATABASE_URL/,
  ],
  ['QStash’s token', { QSTASH_TOKEN: 'marked value' }, 'qstash', /refuses the token/, /QSTASH_TOKEN/],
  ['QStash’s address', { QSTASH_URL: 'http://127.0.0.1:CLOSED' }, 'qstash', /ECONNREFUSED/, /QSTASH_URL/],
  [
    'other signing keys',
    { QSTASH_CURRENT_SIGNING_KEY: 'sig_a', QSTASH_NEXT_SIGNING_KEY: 'sig_b' },
    'qstash',
    /every delivery would be refused/,
    /Copy QSTASH_CURRENT_SIGNING_KEY/,
  ],
  [
    'the app’s address',
    { APP_URL: 'http://127.0.0.1:CLOSED' },
    'app',
    /no answer at APP_URL \(ECONNREFUSED\)/,
    /Deploy the app/,
  ],
  ['the address of deliveries', { JOBS_URL: 'http://127.0.0.1:CLOSED' }, 'app', /no answer at JOBS_URL/, /JOBS_URL/],
])('fails with 1 for %s, and names the cure and no value', async (_name, changes, part, text, cure) => {
  const { exitCode, out, findings } = await doctor(changes);
  const found = findings.find((finding) => finding.part === part && finding.outcome === 'failed');
  expect([exitCode, found]).toEqual([
    1,
    { part, outcome: 'failed', text: expect.stringMatching(text), cure: expect.stringMatching(cure) },
  ]);
  expect(out).not.toContain('marked value');
});

test('warns of recommended variables that are missing, and of a name that no part reads', async () => {
  const { exitCode, findings } = await doctor({
    AUDIT_SIGNING_KEYS: undefined,
    OPERATOR_TENNANT: 'acme',
    OPERATOR_TENANT: undefined,
  });
  expect(exitCode).toBe(0);
  expect(notOk(findings)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        outcome: 'warning',
        text: 'AUDIT_SIGNING_KEYS is not set: the audit trail is not sealed',
      }),
      expect.objectContaining({
        outcome: 'warning',
        text: 'OPERATOR_TENNANT is not read',
        cure: 'Rename it, if you mean OPERATOR_TENANT',
      }),
    ]),
  );
});

test('signing keys that were rotated once are a warning, because one of them still verifies', async () => {
  const { QSTASH_CURRENT_SIGNING_KEY: current = '' } = variables;
  const { exitCode, findings } = await doctor({
    QSTASH_CURRENT_SIGNING_KEY: 'sig_old',
    QSTASH_NEXT_SIGNING_KEY: current,
  });
  expect(exitCode).toBe(0);
  expect(findings).toContainEqual(
    expect.objectContaining({ part: 'qstash', outcome: 'warning', text: expect.stringContaining('were rotated') }),
  );
});

test.each([
  [503, '{"status":"down"}', 1, /does not reach PostgreSQL/],
  [200, '{"status":"degraded"}', 0, /does not reach Redis/],
  [404, 'Not found', 1, /answers with 404, and not as this app does/],
])('the app that answers %i %s', async (status, body, exitCode, text) => {
  ready = { status, body };
  const result = await examine();
  expect(result.exitCode).toBe(exitCode);
  expect(notOk(result.findings).find(({ part }) => part === 'app')?.text).toMatch(text);
});

test('before the deployment the app’s addresses are left out', async () => {
  const { exitCode, out } = await run(['doctor', '--before-deployment'], {
    ...variables,
    APP_URL: `http://127.0.0.1:${closedPort}`,
  });
  expect(exitCode).toBe(0);
  expect(out).not.toContain('APP_URL');
});

describe('the clock of a server', () => {
  const asked = { began: 100_000, ended: 100_500 };
  test.each([
    [100_000, 'ok', /agrees/],
    [102_400, 'ok', /agrees/],
    [102_600, 'warning', /2 s ahead/],
    [97_900, 'warning', /2 s behind/],
    [130_500, 'failed', /30 s ahead/],
    [69_000, 'failed', /31 s behind/],
  ])('at %i is %s', (now, outcome, text) => {
    expect(clockFinding('redis', now, asked)).toMatchObject({ outcome, text: expect.stringMatching(text) });
  });
});

describe('migrations', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  test('that are unfinished, changed, unknown and missing are four faults with four cures', async () => {
    const [one, other] = readMigrations();
    if (!one || !other) throw new Error('There are no migrations');
    await send(
      database.connectionString,
      `CREATE TABLE _prisma_migrations (migration_name text, checksum text, finished_at timestamptz, rolled_back_at timestamptz);
       INSERT INTO _prisma_migrations VALUES
         ('${one.name}', 'another text', now(), NULL), ('${other.name}', '', NULL, NULL),
         ('29990101000000_later', '', now(), NULL), ('20000101000000_undone', '', now(), now())`,
    );
    const { exitCode, findings } = await doctor({ DATABASE_URL: database.connectionString });
    expect(exitCode).toBe(1);
    expect(findings.filter(({ part, outcome }) => part === 'postgres' && outcome === 'failed')).toMatchObject([
      { text: `migrations that have not finished: 1, the first ${other.name}` },
      { text: `migrations whose files were changed later: 1, the first ${one.name}` },
      { text: 'migrations that this code does not know: 1, the first 29990101000000_later' },
      {
        text: expect.stringContaining(`missing migrations: ${readMigrations().length - 2}`),
        cure: 'npm run db:deploy',
      },
    ]);
  });
});

describe('--exercise', () => {
  let rest: Awaited<ReturnType<typeof startRest>>;
  beforeAll(async () => {
    rest = await startRest();
  });
  afterAll(() => rest.close());
  const ask = async (...command: string[]) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await fetch(rest.rest.url, { method: 'POST', headers, body: JSON.stringify(command) });
    return ((await answer.json()) as { result: unknown }).result;
  };
  const exercise = (token = TOKEN) =>
    run(['doctor', '--exercise', '--json'], { UPSTASH_REDIS_REST_URL: rest.rest.url, UPSTASH_REDIS_REST_TOKEN: token });

  test('passes every step, with one load for a stampede, and leaves only the keys that were there', async () => {
    await ask('SET', 'hf:acme:c:kept', 'kept');
    const shown: string[] = [];
    const progress = { show: (_done: number, _total: number, text: string) => void shown.push(text), end: () => {} };
    const address = { UPSTASH_REDIS_REST_URL: rest.rest.url, UPSTASH_REDIS_REST_TOKEN: TOKEN };
    const { exitCode, out } = await run(['doctor', '--exercise'], address, progress);
    expect([exitCode, out]).toEqual([0, expect.stringContaining('100 readers on 10 instances, 1 load')]);
    expect(out.match(/^ok /gm)).toHaveLength(shown.length);
    expect(shown).toEqual(
      expect.arrayContaining(['connection', 'memory', 'time to live', 'batch', 'keys', 'patterns']),
    );
    expect(await ask('KEYS', '*')).toEqual(['hf:acme:c:kept']);
  });

  test('with a wrong token exits with 1 and skips the steps after the connection', async () => {
    const { exitCode, out } = await exercise('wrong');
    const { results } = JSON.parse(out) as { results: { outcome: string; text: string }[] };
    expect([exitCode, results[0]]).toEqual([
      1,
      expect.objectContaining({ text: expect.stringContaining('REDIS_UNAUTHORIZED') }),
    ]);
    expect(new Set(results.slice(1).map(({ outcome }) => outcome))).toEqual(new Set(['skipped']));
  });

  test('on a Redis that refuses writes names the failed steps, and exits with 1', async () => {
    const full = createServer(async (request, response) => {
      const body = await text(request);
      const commands = JSON.parse(body) as string[][];
      response.setHeader('content-type', 'application/json');
      if (commands.some(([name]) => name?.toUpperCase() === 'SET')) {
        return response.end(JSON.stringify(commands.map(() => ({ error: 'OOM command not allowed' }))));
      }
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      const answer = await fetch(`${rest.rest.url}${request.url}`, { method: 'POST', headers, body });
      return response.end(await answer.text());
    });
    await new Promise<void>((listening) => full.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(full.address() as AddressInfo).port}`;
    const variables = { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: TOKEN };
    const { exitCode, out } = await run(['doctor', '--exercise', '--json'], variables);
    full.closeAllConnections();
    await new Promise((closed) => full.close(closed));
    const { results } = JSON.parse(out) as { results: { step: string; outcome: string; text: string }[] };
    expect([exitCode, results.find(({ step }) => step === 'get, set, delete')]).toEqual([
      1,
      { step: 'get, set, delete', outcome: 'failed', text: 'Redis answered OOM to SET (REDIS_COMMAND)' },
    ]);
    expect(results.find(({ step }) => step === 'connection')?.outcome).toBe('ok');
    expect(await ask('KEYS', 'hf:exercise-*')).toEqual([]);
  });
});
