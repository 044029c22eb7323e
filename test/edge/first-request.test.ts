/**
 * The guide of docs/cli.md, from an empty database to the first answered request: its commands run as they are written
 * there, in production mode, on the bundle of the Lambda, over HTTPS and without SQL.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { CapturedMail } from '../../dev/mail/captured.ts';
import { type Qstash, startQstash } from '../../dev/qstash/server.ts';
import { openTestDatabase, type TestDatabase } from '../platform/db/database.ts';
import { selfSignedCertificate } from '../support/certificate.ts';
import { startTestLambda, type TestLambda } from '../support/lambda.ts';
import { logRecord } from '../support/log-record.ts';
import { type CommandResult, runProgram } from '../support/npm-run.ts';
import { startRest, TOKEN } from '../support/rest.ts';
import { secretOf } from '../support/tenant.ts';
import { startTlsFront } from '../support/tls-front.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-first-'));
const certificate = selfSignedCertificate();
const ca = join(folder, 'ca.pem');
const key = () => `k1:${randomBytes(32).toString('base64')}`;
const closers: (() => Promise<void>)[] = [];

let database: TestDatabase;
let qstash: Qstash;
let variables: Record<string, string>;
let lambda: TestLambda | undefined;
let appUrl: string;

/** Passes a request of the address to the Lambda, as API Gateway does. */
async function passToLambda(request: Request): Promise<Response> {
  if (!lambda) return new Response('Not deployed', { status: 404 });
  const { pathname, search } = new URL(request.url);
  const body = ['GET', 'HEAD'].includes(request.method) ? {} : { body: await request.text() };
  return lambda.fetch(pathname + search, { method: request.method, headers: request.headers, ...body });
}

beforeAll(async () => {
  writeFileSync(ca, certificate.cert);
  setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);
  const { mail } = inject('cloud');
  const rest = await startRest();
  closers.push(rest.close);
  database = await openTestDatabase();
  closers.push(database.close);
  const signing = { current: `sig_${randomBytes(12).toString('hex')}`, next: `sig_${randomBytes(12).toString('hex')}` };
  qstash = await startQstash({ token: 'the token of QStash', keys: signing });
  closers.push(qstash.close);
  const [redisFront, qstashFront, mailFront] = await Promise.all(
    [rest.rest.url, qstash.url, mail.url].map((url) => startTlsFront(url, certificate)),
  );
  if (!redisFront || !qstashFront || !mailFront) throw new Error('A front is missing');
  closers.unshift(redisFront.close, qstashFront.close, mailFront.close);
  const server = serve({
    fetch: passToLambda,
    createServer,
    serverOptions: certificate,
    port: 0,
    hostname: '127.0.0.1',
  });
  await new Promise((listening) => server.once('listening', listening));
  closers.unshift(() => new Promise((closed) => server.close(() => closed())));
  appUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  variables = {
    NODE_EXTRA_CA_CERTS: ca,
    HOLDFAST_MODE: 'production',
    APP_URL: appUrl,
    DATABASE_URL: database.connectionString,
    UPSTASH_REDIS_REST_URL: redisFront.url,
    UPSTASH_REDIS_REST_TOKEN: TOKEN,
    QSTASH_URL: qstashFront.url,
    QSTASH_TOKEN: qstash.token,
    QSTASH_CURRENT_SIGNING_KEY: signing.current,
    QSTASH_NEXT_SIGNING_KEY: signing.next,
    MAIL_URL: mailFront.url,
    MAIL_TOKEN: mail.token,
    AUTH_KEYS: key(),
    SEAL_KEYS: key(),
    AUDIT_SIGNING_KEYS: key(),
    // A busy machine may be slow.
    REDIS_TIMEOUT_MS: '30000',
    DATABASE_CONNECT_TIMEOUT_MS: '30000',
  };
});
afterAll(async () => {
  await lambda?.close();
  for (const close of closers) await close();
  rmSync(folder, { recursive: true });
});

/** The commands of the guide: of the block before the deployment, and of the block after it. */
function commandsOfGuide(): string[][] {
  const document = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8');
  const [, guide = ''] = document.split('## From an empty database to the first request');
  const [section = ''] = guide.split('\n## ');
  return [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) =>
    block.split('\n').filter((line) => line.startsWith('npm run')),
  );
}

/** Runs a line `npm run <command> -- <arguments>`. The words may be in double quotes. */
function runLine(line: string): Promise<CommandResult> {
  const [, command = '', rest = ''] = /^npm run (?:-s )?([\w:]+)(?: -- (.*))?$/.exec(line) ?? [];
  const args = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  return runProgram(command, { args, env: variables });
}

async function succeed(line: string): Promise<string> {
  const { status, stdout, stderr } = await runLine(line);
  expect([status, stderr], `${line}\n${stdout}`).toEqual([0, '']);
  return stdout;
}

test('the commands of the guide lead from an empty database to a tenant, a user, an API key and answered requests', async () => {
  const [before = [], after = [], ...others] = commandsOfGuide();
  expect([before.length > 1, after.length > 3, others]).toEqual([true, true, []]);

  const first = await runLine('npm run holdfast -- doctor --before-deployment');
  expect(first).toMatchObject({ status: 1, stdout: expect.stringMatching(/failed +postgres +missing migrations/) });
  expect(first.stdout).toContain('→ npm run db:deploy');
  for (const line of before) await succeed(line);

  lambda = await startTestLambda({ ...inject('cloud'), postgres: { url: database.connectionString } }, { variables });
  const outputs = new Map<string, string>();
  for (const line of after) outputs.set(line, await succeed(line));
  const shown = [...outputs.values()].join('\n');
  expect(shown).toContain('answers at APP_URL, and is ready');

  const [made = ''] = [...outputs].find(([line]) => line.includes('key create'))?.slice(1) ?? [];
  const { key: apiKey } = JSON.parse(made) as { key: string };
  logRecord().secret('API key', secretOf(apiKey));
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const created = await fetch(`${appUrl}/companies`, { method: 'POST', headers, body: '{"name":"Kelp Nets"}' });
  expect(created.status).toBe(201);
  const listed = await fetch(`${appUrl}/companies`, { headers });
  expect([listed.status, await listed.json()]).toEqual([
    200,
    expect.objectContaining({ items: [expect.objectContaining({ name: 'Kelp Nets' })] }),
  ]);

  // QStash has delivered the job of the mail to the Lambda.
  const mailed = async () => {
    const messages = (await (await fetch(`${inject('cloud').mail.url}/messages`)).json()) as CapturedMail[];
    return messages.find(({ to }) => to.includes('ada@kelp.example'))?.text ?? '';
  };
  await expect.poll(mailed).toContain('invitation=');
  const [, invitation = ''] = /[?&]invitation=([\w-]{22})/.exec(await mailed()) ?? [];
  const accepted = await fetch(`${appUrl}/auth/invitations/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tenant: 'kelp', invitation, as: 'tokens' }),
  });
  expect(accepted.status).toBe(200);
  const { accessToken, user } = (await accepted.json()) as { accessToken: string; user: { role: string } };
  expect(user.role).toBe('owner');
  const own = await fetch(`${appUrl}/companies`, { headers: { authorization: `Bearer ${accessToken}` } });
  expect(own.status).toBe(200);
});
