/** The roles of a database in production: the app works as its role, which can neither change nor delete the audit trail. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rolesSql } from '../../../prisma/roles.ts';
import { anchorSchedule, sealSchedule, verifyJob } from '../../../src/platform/audit/index.ts';
import { createSchedules } from '../../../src/platform/jobs/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { runProgram } from '../../support/npm-run.ts';
import { send } from './database.ts';

const suffix = randomBytes(4).toString('hex');
const APP = `hf_app_${suffix}`;
const SEALER = `hf_sealer_${suffix}`;

test.each([
  ['Robert"; DROP TABLE deals; --', 'sealer', /is not a name of a role/],
  ['app', 'app', /need different roles/],
])('the names %s and %s are refused', (app, sealer, message) => {
  expect(() => rolesSql({ app, sealer })).toThrow(message);
});

test('db:roles prints the SQL of the roles, and needs one of its two options', { timeout: 600_000 }, async () => {
  const names = ['--app', APP, '--sealer', SEALER];
  expect(await runProgram('db:roles', { args: ['--print', ...names] })).toEqual({
    ...{ status: 0, stdout: rolesSql({ app: APP, sealer: SEALER }), stderr: '' },
  });
  for (const args of [[], ['--print', '--apply']]) {
    expect(await runProgram('db:roles', { args })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^Choose one of --print and --apply/),
    });
  }
});

// The embedded PostgreSQL has one user. There the triggers alone protect the trail.
describe.runIf(process.env['DATABASE_URL'])('on a server', () => {
  let world: JobWorld;
  let owner: string;
  let asApp: string;
  let applied: unknown;
  beforeAll(async () => {
    const environment = async (connectionString: string) => {
      owner = connectionString;
      const args = ['--apply', '--app', APP, '--sealer', SEALER];
      const env = { DATABASE_URL: owner };
      await runProgram('db:roles', { env, args });
      // A second call changes nothing.
      applied = await runProgram('db:roles', { env, args });
      await send(owner, `ALTER ROLE ${APP} PASSWORD 'app-password'`);
      const url = new URL(owner);
      url.username = APP;
      url.password = 'app-password';
      asApp = url.href;
      return { DATABASE_URL: asApp };
    };
    world = await openJobWorld([verifyJob], createSchedules([sealSchedule, anchorSchedule]), [], environment);
  }, 600_000);
  afterAll(async () => {
    await world.close();
    const server = process.env['DATABASE_URL'] ?? '';
    await send(server, `DROP ROLE IF EXISTS ${APP}, ${SEALER}`);
  });

  const call = async (method: string, path: string, json?: object) => {
    const response = await world.app.test.request(path, { method, key: world.tenant.keys.all, ...(json && { json }) });
    expect([path, response.status]).toEqual([path, expect.toSatisfy((status: number) => status < 300)]);
    return (response.status === 204 ? {} : await response.json()) as Record<string, string>;
  };

  test('db:roles --apply may be executed again', () => {
    expect(applied).toEqual({
      ...{ status: 0, stderr: '' },
      stdout: `The app may connect as ${APP}. Its audit trail is sealed as ${SEALER}.\n`,
    });
  });

  test('the app works as its role: writes, reads, jobs, seals, verification and erasure', async () => {
    const [connected] = await world.app.within(async (tenant) => {
      const client = await tenant.db();
      return client.$queryRaw<{ name: string }[]>`SELECT current_user::text AS name`;
    });
    expect(connected).toEqual({ name: APP });
    const company = await call('POST', '/companies', { name: 'Kelp & Co' });
    const contact = await call('POST', '/contacts', { name: 'Nemo', companyId: company['id'] });
    const deal = await call('POST', '/deals', { title: 'Nets', value: '10.00', companyId: company['id'] });
    await call('PATCH', `/deals/${deal['id']}`, { stage: 'won' });
    const project = await call('POST', '/projects', { name: 'Harbour' });
    await call('POST', '/tasks', { title: 'Paint', projectId: project['id'] });
    await call('POST', '/auth/invitations', { email: `nemo-${suffix}@people.example`, name: 'Nemo', role: 'member' });
    const webhook = await call('POST', '/webhooks', { url: 'https://hooks.example.com', events: ['deal.won'] });
    await call('DELETE', `/webhooks/${webhook['id']}`);
    await call('DELETE', `/contacts/${contact['id']}`);
    await call('GET', '/search?q=kelp');
    await call('GET', '/dashboard');
    await world.settle();
    await world.tick(2);
    const { jobId } = await call('POST', '/audit/verify', {});
    await world.settle();
    const job = (await call('GET', `/jobs/${jobId}`)) as unknown as { state: string; result: object };
    expect(job).toMatchObject({ state: 'done', result: { faults: [] } });
    const { items } = (await call('GET', '/audit?action=webhook.deleted')) as unknown as { items: { id: string }[] };
    const id = items[0]?.id ?? '';
    await call('POST', `/audit/entries/${id}/erase`, { reason: 'A request' });
    expect(await call('GET', `/audit/entries/${id}/proof`)).toMatchObject({ valid: true, entry: { data: null } });
  });

  test.each([
    ['UPDATE audit_entries SET action = action', 'permission denied for table audit_entries'],
    ['UPDATE audit_entries SET seal = seal', 'permission denied for table audit_entries'],
    ['UPDATE audit_entries SET data = NULL, salt = NULL', 'permission denied for table audit_entries'],
    ['DELETE FROM audit_entries', 'permission denied for table audit_entries'],
    ['TRUNCATE audit_entries', 'permission denied for table audit_entries'],
    ['UPDATE audit_seals SET root = root', 'permission denied for table audit_seals'],
    ['DELETE FROM audit_seals', 'permission denied for table audit_seals'],
    ['TRUNCATE audit_seals', 'permission denied for table audit_seals'],
    ['DELETE FROM audit_anchors', 'permission denied for table audit_anchors'],
    ['TRUNCATE audit_anchors', 'permission denied for table audit_anchors'],
    ['ALTER TABLE audit_entries DISABLE TRIGGER ALL', 'must be owner of table audit_entries'],
    ['DROP TABLE audit_seals', 'must be owner of table audit_seals'],
    ["SET session_replication_role = 'replica'", 'permission denied to set parameter "session_replication_role"'],
    [
      'CREATE OR REPLACE FUNCTION audit_erase(text, text) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      'permission denied',
    ],
    [`SET ROLE ${SEALER}`, `permission denied to set role "${SEALER}"`],
  ])('the role of the app gets an error for: %s', async (sql, message) => {
    await expect(send(asApp, sql)).rejects.toThrow(message);
  });

  test('the functions of the trail give an entry one place and one erasure, and no other change', async () => {
    const client = new pg.Client({ connectionString: asApp });
    await client.connect();
    try {
      const { rows } = await client.query('SELECT id, seal, leaf FROM audit_entries WHERE seal IS NOT NULL LIMIT 1');
      const values = [world.tenant.id, [rows[0].id], ['x'], [rows[0].leaf]];
      await expect(client.query('SELECT audit_place($1, 99, $2, $3, $4)', values)).rejects.toThrow('append-only');
    } finally {
      await client.end();
    }
  });

  test('the sealer may update only the columns of a seal and of an erasure', async () => {
    const rows = await send<{ name: string }>(
      owner,
      `SELECT column_name AS name FROM information_schema.column_privileges
       WHERE grantee = '${SEALER}' AND privilege_type = 'UPDATE' ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual(['commitment', 'data', 'leaf', 'position', 'salt', 'seal']);
    const tables = await send<{ name: string }>(
      owner,
      `SELECT table_name || ' ' || privilege_type AS name FROM information_schema.table_privileges
       WHERE grantee = '${SEALER}' ORDER BY 1`,
    );
    expect(tables.map(({ name }) => name)).toEqual(['audit_entries SELECT']);
  });
});
