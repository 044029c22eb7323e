/** The command line: creates the first tenant and the first key of a deployment with the database alone. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { commands } from '../../../cli/commands.ts';
import { type Ending, run } from '../../../cli/run.ts';
import { logRecord } from '../../support/log-record.ts';
import { createTenant, secretOf, sql } from '../../support/tenant.ts';
import { createWorld, type World } from '../auth/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const newSlug = () => `t-${randomBytes(6).toString('hex')}`;

/** Runs the command with the database, and with Redis if `redis` is set. */
async function call(words: string, { redis = false } = {}): Promise<Ending> {
  const { url, token } = inject('cloud').redisRest;
  const more = redis ? { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } : {};
  return run(words.split(' '), { DATABASE_URL: world.database, ...more });
}

async function made<Report>(words: string, options: { redis?: boolean } = {}): Promise<Report> {
  const { exitCode, out, error } = await call(`${words} --json`, options);
  expect([exitCode, error], words).toEqual([0, '']);
  const report = JSON.parse(out) as Report & { key?: string };
  if (report.key) logRecord().secret('API key', secretOf(report.key));
  return report;
}

interface Key {
  id: string;
  key: string;
}

const statusOf = async (key: string) => (await world.request('/companies', { key })).status;

describe('a new deployment', () => {
  test('gets a first tenant, a first key and a first owner, who signs in with a mailed code', async () => {
    const slug = newSlug();
    const email = `owner@${slug}.example`;
    const tenant = await made<{ owner: { id: string } }>(`tenant create ${slug} --name Kelp --owner-email ${email}`);
    const { key } = await made<Key>(`key create --tenant ${slug} --rights crm:*,users:manage`);
    expect(key).toMatch(new RegExp(`^hf_${slug}_`));
    expect((await world.request('/companies', { method: 'POST', json: { name: 'First' }, key })).status).toBe(201);
    const users = await world.request('/users', { key });
    expect(await users.json()).toMatchObject({ items: [{ id: tenant.owner.id, email, role: 'owner' }] });

    const browser = world.browser();
    await browser.request('/auth/code', { json: { email, tenant: slug } });
    const verified = await browser.request('/auth/verify', { json: { code: await world.code(email) } });
    expect(await verified.json()).toMatchObject({ tenant: slug, user: { role: 'owner' } });
  });

  test('keeps the invitation of the owner in the outbox, for its schedule to send', async () => {
    const slug = newSlug();
    await made(`tenant create ${slug} --owner-email owner@${slug}.example`);
    const rows = await sql(world.database, `SELECT kind FROM outbox WHERE tenant_id = $1 ORDER BY kind`, [slug]);
    expect(rows).toEqual([{ kind: 'invalidate' }, { kind: 'job' }]);
  });
});

describe('a key', () => {
  test('is shown to people alone on the last line', async () => {
    const { id } = await createTenant(world.database);
    const { exitCode, out } = await call(`key create --tenant ${id} --rights crm:read --expires 90d`);
    expect(exitCode).toBe(0);
    const key = out.split('\n').at(-1) ?? '';
    logRecord().secret('API key', secretOf(key));
    expect(await statusOf(key)).toBe(200);
  });

  test('is listed without its secret', async () => {
    const { id: tenant } = await createTenant(world.database);
    const { id, key } = await made<Key>(`key create --tenant ${tenant} --rights crm:read --name report`);
    const { out } = await call(`key list --tenant ${tenant}`);
    expect(out).toContain(`${id}  crm:read  no end  report`);
    expect(out).not.toContain(secretOf(key));
  });

  test('is rotated and revoked immediately, where the command reaches Redis', async () => {
    const { id: tenant } = await createTenant(world.database);
    const first = await made<Key>(`key create --tenant ${tenant} --rights crm:read`);
    expect(await statusOf(first.key)).toBe(200);
    const second = await made<Key>(`key rotate ${first.id} --tenant ${tenant}`, { redis: true });
    expect([await statusOf(first.key), await statusOf(second.key)]).toEqual([401, 200]);
    await made(`key revoke ${first.id} --tenant ${tenant}`, { redis: true });
    expect(await statusOf(second.key)).toBe(401);
  });

  test('revoked without Redis gets an outbox entry, which ends its cached record; the report says so', async () => {
    const { id: tenant } = await createTenant(world.database);
    const { id } = await made<Key>(`key create --tenant ${tenant} --rights crm:read`);
    const { out } = await call(`key revoke ${id} --tenant ${tenant}`);
    expect(out).toMatch(/within a minute/);
    const rows = await sql<{ payload: { tags: string[] } }>(
      world.database,
      `SELECT payload FROM outbox WHERE tenant_id = $1 AND kind = 'invalidate'`,
      [tenant],
    );
    expect(JSON.stringify(rows)).toContain(id);
  });
});

test('tenants, users and keys of the command line are in the audit trail, with the id of the call', async () => {
  const slug = newSlug();
  const { owner } = await made<{ owner: { id: string } }>(`tenant create ${slug} --owner-email owner@${slug}.example`);
  const { id } = await made<Key>(`key create --tenant ${slug} --rights crm:read`);
  await made(`key rotate ${id} --tenant ${slug}`);
  await made(`key revoke ${id} --tenant ${slug}`);
  const rows = await sql<{ request: string }>(
    world.database,
    `SELECT action, entity_id AS entity, data, actor_type AS actor, request_id AS request FROM audit_entries
     WHERE tenant_id = $1 ORDER BY occurred_at, action`,
    [slug],
  );
  const calls = rows.map(({ request }) => request);
  expect(calls.every((call) => /^command-line-[\w-]{22}$/.test(call))).toBe(true);
  expect(new Set(calls).size).toBe(4);
  expect(rows.map(({ request: _, ...row }) => row)).toEqual([
    { action: 'tenant.created', entity: slug, data: { currency: 'EUR' }, actor: 'system' },
    { action: 'user.invited', entity: owner.id, data: { role: 'owner' }, actor: 'system' },
    { action: 'api-key.created', entity: id, data: { rights: ['crm:read'], expiresAt: null }, actor: 'system' },
    { action: 'api-key.rotated', entity: id, data: {}, actor: 'system' },
    { action: 'api-key.revoked', entity: id, data: { keys: [id] }, actor: 'system' },
  ]);
});

describe('a wrong call ends with 2, gives the reason, and changes nothing', () => {
  test.each([
    ['', /Name a command/],
    ['nothing', /There is no command nothing/],
    ['key', /There is no command key\b[\s\S]*key create/],
    ['key creat --tenant acme', /There is no command key creat\. Did you mean key create\?/],
    ['tennant create x', /Did you mean tenant create\?/],
    ['key create --tenant acme --right crm:read', /There is no option --right\. Did you mean --rights\?/],
    ['key list --tenant acme --env-file none-there', /--env-file none-there cannot be read/],
    ['completion powershel', /There is no script for powershel/],
    ['key destroy x', /There is no command key destroy/],
    ['key create --rights crm:read', /--tenant is missing/],
    ['key create --tenant acme', /--rights is missing/],
    ['key create --tenant acme --rights crm:delete', /--rights /],
    ['key create --tenant acme --rights crm:read --expires soon', /--expires must be a time/],
    ['key create --tenant acme --rights crm:read --expires 2020-01-01', /--expires must be in the future/],
    ['key create --tenant acme --rights crm:read --colour red', /--colour/],
    ['key create extra --tenant acme --rights crm:read', /takes no arguments/],
    ['key create --tenant none-there --rights crm:read', /There is no tenant none-there/],
    ['key list --tenant none-there', /There is no tenant none-there/],
    ['key rotate --tenant acme', /takes <id>/],
    ['key rotate aaaaaaaaaaaa --tenant acme', /The API key does not exist/],
    ['key revoke aaaaaaaaaaaa --tenant acme', /The API key does not exist/],
    ['tenant create Kelp', /slug must be 1 to 40 lower-case letters/],
    ['tenant create acme', /There is a tenant acme already/],
    ['tenant create kelp-x --owner-name Ada', /needs --owner-email/],
    ['tenant create kelp-x --owner-email nothing', /--owner-email /],
    ['tenant create kelp-x --currency euro', /--currency /],
  ])('%s', async (words, message) => {
    const keys = () => sql(world.database, `SELECT id FROM api_keys WHERE tenant_id = 'acme' ORDER BY id`);
    const before = await keys();
    const { exitCode, out, error } = await run(words === '' ? [] : words.split(' '), { DATABASE_URL: world.database });
    expect([exitCode, out]).toEqual([2, '']);
    expect(error).toMatch(message);
    expect(await keys()).toEqual(before);
    expect(await sql(world.database, `SELECT id FROM tenants WHERE id IN ('kelp-x', 'Kelp')`)).toEqual([]);
  });

  test.each([
    [{}, /Set DATABASE_URL/],
    [{ DATABASE_URL: 'mysql://x' }, /must be a postgresql/],
    [{ DATABASE_URL: 'postgres://x', UPSTASH_REDIS_REST_URL: 'http://x' }, /or neither/],
  ])('with the environment %j', async (environment, message) => {
    const { exitCode, error } = await run(['key', 'list', '--tenant', 'acme'], environment);
    expect(exitCode).toBe(2);
    expect(error).toMatch(message);
  });
});

test('a database that does not answer ends the command with 1, and its password is not shown', async () => {
  const environment = { DATABASE_URL: 'postgresql://me:hidden@127.0.0.1:1/none' };
  const { exitCode, error } = await run(['key', 'list', '--tenant', 'acme'], environment);
  expect([exitCode, error]).toEqual([1, 'The database at DATABASE_URL did not answer']);
});

test('a Redis that does not answer ends the command with 1, and the key stays', async () => {
  const { id: tenant } = await createTenant(world.database);
  const { id, key } = await made<Key>(`key create --tenant ${tenant} --rights crm:read`);
  const environment = {
    DATABASE_URL: world.database,
    UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1',
    UPSTASH_REDIS_REST_TOKEN: 'none',
  };
  const { exitCode, error } = await run(['key', 'revoke', id, '--tenant', tenant], environment);
  expect([exitCode, error]).toEqual([1, expect.stringMatching(/nothing was changed/)]);
  expect(await statusOf(key)).toBe(200);
});

test('--help lists every command, and the options of a command; also as a process', async () => {
  const { exitCode, out } = await run(['--help'], {});
  expect(exitCode).toBe(0);
  const names = commands.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['tenant create', 'key create', 'doctor', 'jobs list', 'completion']));
  for (const name of names) expect(out).toContain(name);
  for (const name of names) {
    const help = await run([...name.split(' '), '--help'], {});
    expect(help.exitCode, name).toBe(0);
    expect(help.out).toContain(`holdfast -- ${name}`);
  }
  const file = join(import.meta.dirname, '../../../cli/holdfast.ts');
  const whole = await promisify(execFile)(process.execPath, [file, 'key', 'create', '--help']);
  expect(whole.stdout).toContain('--rights');
  const failed = await promisify(execFile)(process.execPath, [file, 'nothing']).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 2 });
});
