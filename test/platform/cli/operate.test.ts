/** The commands that operate a deployment: users, jobs, the cache, schedules, the audit trail. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { run } from '../../../cli/run.ts';
import { appVariables } from '../../../dev/cloud/app-environment.ts';
import { type Qstash, startQstash } from '../../../dev/qstash/server.ts';
import { APP_URL } from '../../support/app.ts';
import { sql } from '../../support/tenant.ts';
import { createWorld, type World } from '../auth/world.ts';

let world: World;
let qstash: Qstash;
let variables: Record<string, string>;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
beforeAll(async () => {
  world = await createWorld();
  const { currentSigningKey: current, nextSigningKey: next, token } = inject('cloud').qstash;
  // The messages wait, because no app listens at its address.
  qstash = await startQstash({ token, keys: { current, next }, heldOrigin: APP_URL });
  variables = {
    ...appVariables(inject('cloud'), APP_URL),
    DATABASE_URL: world.database,
    QSTASH_URL: qstash.url,
    OPERATOR_TENANT: world.tenant.id,
  };
});
afterAll(async () => {
  await world.close();
  await qstash.close();
  rmSync(folder, { recursive: true });
});

const call = (words: string) => run(words.split(' '), variables);

/** Runs a command that must succeed, and returns its JSON. */
async function report<Json>(words: string): Promise<Json> {
  const { exitCode, out, error } = await call(`${words} --json`);
  expect([exitCode, error], words).toEqual([0, '']);
  return JSON.parse(out) as Json;
}

interface Listed {
  items: { id: string; state: string }[];
}

/** The actions in the audit trail that concern an entity. */
async function actionsOn(entity: string): Promise<string[]> {
  const rows = await sql<{ action: string }>(
    world.database,
    `SELECT action FROM audit_entries WHERE tenant_id = $1 AND entity_id = $2 AND request_id LIKE 'command-line-%'
     ORDER BY occurred_at`,
    [world.tenant.id, entity],
  );
  return rows.map(({ action }) => action);
}

test('a user is invited; the job of the mail is listed, cancelled and replayed, each with an entry in the audit trail', async () => {
  const tenant = `--tenant ${world.tenant.id}`;
  const email = 'ada@operate.example';
  const { id } = await report<{ id: string }>(`user invite ${email} ${tenant} --role admin`);
  expect(await actionsOn(id)).toEqual(['user.invited']);
  const listed = () => report<Listed>(`jobs list ${tenant} --name auth.mail.invitation`);
  const [job] = (await listed()).items;
  expect(job?.state).toBe('queued');
  const { exitCode, out } = await call(`jobs list ${tenant} --state queued`);
  expect([exitCode, out]).toEqual([0, expect.stringContaining(`${job?.id}  queued`)]);

  expect(await report(`jobs cancel ${job?.id} ${tenant}`)).toMatchObject({ state: 'cancelled' });
  const refused = await call(`jobs retry ${job?.id} ${tenant} --json`);
  expect([refused.exitCode, JSON.parse(refused.error)]).toEqual([
    1,
    { error: { code: 'JOB_STATE', message: expect.stringContaining('cancelled') } },
  ]);
  expect(await report(`jobs replay ${job?.id} ${tenant}`)).toMatchObject({ state: 'queued' });
  expect(await actionsOn(job?.id ?? '')).toEqual(['job.cancelled', 'job.replayed']);

  const again = await call(`user invite ${email} ${tenant} --role admin`);
  expect([again.exitCode, again.error]).toEqual([2, 'This already exists']);
});

test('a cached entry is inspected without its value, and invalidated by tag and by pattern', async () => {
  const tenant = `--tenant ${world.tenant.id}`;
  const key = world.tenant.keys.all;
  const sourceOf = async () => (await world.request('/deals/pipeline', { key })).headers.get('x-cache');
  expect(await call(`cache inspect deal-pipeline ${tenant}`)).toMatchObject({ out: 'No entry is stored' });
  expect([await sourceOf(), await sourceOf()]).toEqual(['MISS', 'HIT']);
  const { entry } = await report<{ entry: { state: string } }>(`cache inspect deal-pipeline ${tenant}`);
  expect(entry).toMatchObject({ state: 'fresh', tags: expect.any(Array) });
  expect(JSON.stringify(entry)).not.toContain('stages');

  await report(`cache invalidate ${tenant} --tag deals`);
  expect([await sourceOf(), await sourceOf()]).toEqual(['MISS', 'HIT']);
  expect(await report(`cache invalidate ${tenant} --pattern deal-pipeline*`)).toEqual({ entries: 1 });
  expect(await sourceOf()).toBe('MISS');
  expect([await actionsOn('deals'), await actionsOn('deal-pipeline*')]).toEqual([
    ['tag.invalidated'],
    ['entries.removed'],
  ]);
});

test('schedules are listed, and one runs as a job of the operating tenant', async () => {
  const { exitCode, out } = await call('schedules list');
  expect([exitCode, out]).toEqual([0, expect.stringMatching(/^outbox\.drain +\* \* \* \* \* .* next 2/m)]);
  const { jobId } = await report<{ jobId: string }>('schedules run outbox.drain');
  const { items } = await report<Listed>(`jobs list --tenant ${world.tenant.id} --name schedules.run`);
  expect(items.map(({ id }) => id)).toContain(jobId);
  expect(await actionsOn('outbox.drain')).toEqual(['schedule.run']);
  const { OPERATOR_TENANT: _, ...withoutOperator } = variables;
  const refused = await run(['schedules', 'run', 'outbox.drain'], withoutOperator);
  expect([refused.exitCode, refused.error]).toEqual([2, expect.stringMatching(/^Set OPERATOR_TENANT/)]);
});

test('schedules sync creates the schedule at QStash once, and a dry run creates none', async () => {
  expect(await report('schedules sync --dry-run')).toMatchObject({ done: 'created', dryRun: true });
  expect(await report('schedules sync')).toMatchObject({ done: 'created' });
  expect(await report('schedules sync')).toMatchObject({ done: 'unchanged' });
  expect(await report('schedules sync --action remove')).toMatchObject({ done: 'removed' });
  expect(await call('schedules sync --action pause')).toMatchObject({ exitCode: 1 });
});

test('audit verify exits with 0 for a trail as it was sealed, and with 1 for a missing seal', async () => {
  const whole = await call(`audit verify --tenant ${world.tenant.id}`);
  expect([whole.exitCode, whole.out]).toEqual([0, expect.stringContaining('The trail is as it was sealed.')]);
  const kept = join(folder, 'seal.json');
  writeFileSync(
    kept,
    JSON.stringify({ tenantId: 'none', seal: 1, hash: '0'.repeat(64), count: 1, sealedAt: new Date(0) }),
  );
  const cut = await call(`audit verify --tenant none --anchor ${kept}`);
  expect([cut.exitCode, cut.out]).toEqual([1, expect.stringContaining('SEAL_MISSING seal 1')]);
});

test.each([
  ['user invite ada@kelp.example --tenant acme', /--role is missing/],
  ['user invite ada@kelp.example --tenant acme --role ower', /--role must be one of .* Did you mean owner\?/],
  ['user invite nothing --tenant acme --role owner', /^address /],
  ['user invite a@b.example --tenant none-there --role owner', /There is no tenant none-there/],
  ['jobs list --tenant acme --limit 0', /--limit must be a whole number/],
  ['jobs list --tenant acme --name none.there', /There is no job none\.there/],
  ['jobs cancel none --tenant acme', /The job does not exist/],
  ['cache inspect none-there --tenant acme', /The query does not exist/],
  ['cache inspect deal-pipeline --tenant acme --args {', /must be JSON/],
  ['cache invalidate --tenant acme', /either --tag or --pattern/],
  ['cache invalidate --tenant acme --tag a --pattern b', /either --tag or --pattern/],
  ['cache invalidate --tenant acme --soft --pattern b', /--soft needs --tag/],
  ['schedules run outbox.dran', /There is no schedule outbox\.dran\. Did you mean outbox\.drain\?/],
])('%s: ends with 2 and the reason', async (words, message) => {
  const { exitCode, out, error } = await call(words);
  expect([exitCode, out, error]).toEqual([2, '', expect.stringMatching(message)]);
});

test('a missing variable ends a command of the app with 2 and the name of the variable', async () => {
  const { AUTH_KEYS: _, ...less } = variables;
  const { exitCode, error } = await run(['jobs', 'list', '--tenant', 'acme'], less);
  expect([exitCode, error]).toEqual([2, expect.stringContaining('AUTH_KEYS: is missing')]);
});
