/** Seals that are kept in a bucket with object lock: what a person who controls the database cannot take back. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type S3, startS3 } from '../../../dev/s3/server.ts';
import { anchorSchedule, openAnchors, sealSchedule, verifyJob } from '../../../src/platform/audit/index.ts';
import { createSchedules } from '../../../src/platform/jobs/index.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

const KEY = { accessKeyId: 'id', secretAccessKey: 'secret' };

let world: JobWorld;
let s3: S3;
let tenant: OwnTenant;
beforeAll(async () => {
  world = await openJobWorld([verifyJob], createSchedules([sealSchedule, anchorSchedule]));
});
beforeEach(async () => {
  await world.clear();
  s3 = await startS3({ ...KEY, now: () => world.qstash.clock.now() });
  Object.assign(world.app.test.platform.scope().environment, {
    AUDIT_ANCHOR_URL: `${s3.url}/bucket/holdfast`,
    AUDIT_ANCHOR_KEY: 'id:secret',
  });
  tenant = await createTenant(world.connectionString);
  return () => s3.close();
});
afterAll(() => world.close());

async function call(method: string, path: string, json?: object) {
  const response = await world.app.test.request(path, { method, key: tenant.keys.all, ...(json && { json }) });
  return (await response.json()) as { jobId: string; result: { faults: { code: string; seal: number }[] } };
}
const write = () => call('POST', '/webhooks', { url: 'https://hooks.example.com', events: ['deal.won'] });
async function verify() {
  const { jobId } = await call('POST', '/audit/verify', {});
  await world.settle();
  return (await call('GET', `/jobs/${jobId}`)).result.faults;
}
const named = () => s3.names('bucket').filter((name) => name.includes(tenant.id));

/** The schedules of a minute run at the same time, so a new seal is kept in the next minute. */
const sealAndKeep = () => world.tick(2);

/** Sends a statement without the triggers of the trail, as a superuser can. */
const falsify = (sql: string) =>
  world.query(`WITH off AS MATERIALIZED (SELECT set_config('session_replication_role', 'replica', true)) ${sql}`, [
    tenant.id,
  ]);

test('the newest seal of each tenant is kept under its number, once', async () => {
  await write();
  await sealAndKeep();
  expect(named()).toEqual([`holdfast/${tenant.id}/0000000001.json`]);
  await write();
  await sealAndKeep();
  expect(named()).toHaveLength(2);
  expect(await verify()).toEqual([]);
});

test('the removal of the newest seal with its entries is found by the kept seal', async () => {
  await write();
  await sealAndKeep();
  await write();
  await sealAndKeep();
  await falsify('DELETE FROM audit_entries USING off WHERE tenant_id = $1 AND seal = 2');
  await falsify('DELETE FROM audit_seals USING off WHERE tenant_id = $1 AND seal = 2');
  expect(await verify()).toEqual([{ code: 'SEAL_MISSING', seal: 2, entry: null }]);
});

test('a seal that was made again does not replace the kept one, and the run of the schedule fails', async () => {
  await write();
  await sealAndKeep();
  await falsify('UPDATE audit_entries SET seal = NULL, position = NULL FROM off WHERE tenant_id = $1');
  await falsify('DELETE FROM audit_seals USING off WHERE tenant_id = $1');
  await world.query('UPDATE audit_anchors SET anchored = 0 WHERE tenant_id = $1', [tenant.id]);
  await write();
  await sealAndKeep();
  expect(world.app.test.lines.join('\n')).toContain('ANCHOR_DIFFERS');
  expect(await verify()).toEqual([{ code: 'ANCHOR_DIFFERS', seal: 1, entry: null }]);
});

test('while the bucket does not answer, entries are sealed, and the seal is kept later', async () => {
  await s3.close();
  await write();
  await sealAndKeep();
  s3 = await startS3({ ...KEY, port: s3.port, now: () => world.qstash.clock.now() });
  expect(named()).toEqual([]);
  await sealAndKeep();
  expect(named()).toHaveLength(1);
});

test('a kept seal is locked for the days of the setting', async () => {
  const seal = {
    ...{ tenantId: 'one', seal: 1, count: 1, root: 'r', prevHash: 'p', hash: 'h' },
    ...{ firstAt: '', lastAt: '', sealedAt: '', keyId: 'k', signature: 's' },
  };
  const system = { ...realSystem, now: () => world.qstash.clock.now() };
  const settings = { AUDIT_ANCHOR_URL: `${s3.url}/locked`, AUDIT_ANCHOR_KEY: 'id:secret', AUDIT_ANCHOR_DAYS: 7 };
  const anchors = openAnchors(settings, { fetch, system });
  await anchors?.keep(seal);
  await anchors?.keep(seal);
  const [version] = s3.save().get('locked')?.get('one/0000000001.json') ?? [];
  expect((version?.lockedUntil ?? 0) - system.now()).toBeGreaterThan(7 * 86_400_000 - 60_000);
  await expect(anchors?.keep({ ...seal, hash: 'other' })).rejects.toMatchObject({ code: 'ANCHOR_DIFFERS' });
  const stranger = openAnchors({ ...settings, AUDIT_ANCHOR_KEY: 'id:other' }, { fetch, system });
  await expect(stranger?.newest('one')).rejects.toMatchObject({ code: 'ANCHOR_REFUSED' });
  expect(await anchors?.newest('one')).toEqual({ seal: 1, hash: 'h' });
  expect(await anchors?.newest('none')).toBeNull();
  const { AUDIT_ANCHOR_KEY: _key, ...half } = settings;
  expect(() => openAnchors(half, { fetch, system })).toThrow('need each other');
  expect(openAnchors({ AUDIT_ANCHOR_DAYS: 7 }, { fetch, system })).toBeNull();
});
