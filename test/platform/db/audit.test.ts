/** The audit trail: entries of writes. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTestApp } from '../../support/app.ts';
import { createTenant } from '../../support/tenant.ts';

let app: ReturnType<typeof createTestApp>;
let tenantId: string;
beforeAll(async () => {
  tenantId = (await createTenant(inject('cloud').postgres.url)).id;
  app = createTestApp();
});
afterAll(() => app.close());

async function entriesOf(entityId: string): Promise<object[]> {
  const scope = app.platform.scope();
  const rows = await scope.store.query(
    `SELECT actor_type, actor_id, on_behalf, action, outcome, entity_type, patient_id, purpose, request_id, ip_digest, data
     FROM audit_entries WHERE tenant_id = $1 AND entity_id = $2 ORDER BY id`,
    [tenantId, entityId],
  );
  await scope.end();
  return rows;
}

test('an entry is kept with its actor and its request if the write commits', async () => {
  const scope = app.platform.scope('request-of-audit');
  const tenant = scope.tenant(tenantId);
  tenant.actorId = 'user_1';
  await tenant.commit(async (tx) => {
    await tx.audit({ action: 'job.retried', entity: { type: 'job', id: 'job_1' }, data: { attempts: 3 } });
    await tx.audit({
      ...{ action: 'record.read', entity: { type: 'record', id: 'job_1' }, outcome: 'refused', onBehalf: 'user_2' },
      ...{ patientId: 'patient_1', purpose: 'TREAT', ipDigest: 'digest' },
    });
  });
  await scope.end();
  expect(await entriesOf('job_1')).toEqual([
    {
      ...{ actor_type: 'user', actor_id: 'user_1', on_behalf: null, action: 'job.retried', outcome: 'ok' },
      ...{ entity_type: 'job', patient_id: null, purpose: null, request_id: 'request-of-audit', ip_digest: null },
      data: { attempts: 3 },
    },
    {
      ...{ actor_type: 'user', actor_id: 'user_1', on_behalf: 'user_2', action: 'record.read', outcome: 'refused' },
      ...{ entity_type: 'record', patient_id: 'patient_1', purpose: 'TREAT', request_id: 'request-of-audit' },
      ...{ ip_digest: 'digest', data: {} },
    },
  ]);
});

test('a write that fails keeps no entry', async () => {
  const scope = app.platform.scope();
  const write = scope.tenant(tenantId).commit(async (tx) => {
    await tx.audit({ action: 'job.retried', entity: { type: 'job', id: 'job_2' } });
    throw new Error('refused');
  });
  await expect(write).rejects.toThrow('refused');
  await scope.end();
  expect(await entriesOf('job_2')).toEqual([]);
});

test('the actor of a write without a user and without an API key is the system', async () => {
  const scope = app.platform.scope();
  await scope
    .tenant(tenantId)
    .commit((tx) => tx.audit({ action: 'silence.ended', entity: { type: 's', id: 'job_3' } }));
  await scope.end();
  expect(await entriesOf('job_3')).toMatchObject([{ actor_type: 'system', actor_id: null }]);
});
