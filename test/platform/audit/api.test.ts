/** The audit trail over HTTP: the search, seals by the schedule, proofs, verification and erasure. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type PublicAuditKey, sealSchedule, verifyJob, verifyProof } from '../../../src/platform/audit/index.ts';
import { createSchedules } from '../../../src/platform/jobs/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

let world: JobWorld;
let tenant: OwnTenant;
beforeAll(async () => {
  world = await openJobWorld([verifyJob], createSchedules([sealSchedule]));
});
beforeEach(async () => {
  await world.clear();
  tenant = await createTenant(world.connectionString);
});
afterAll(() => world.close());

async function call<Value = unknown>(method: string, path: string, json?: object) {
  const response = await world.app.test.request(path, { method, key: tenant.keys.all, ...(json && { json }) });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as Value };
}

interface Entry {
  id: string;
  action: string;
  entityId: string | null;
  data: object | null;
  seal: number | null;
}
type Page = { items: Entry[]; nextCursor: string | null };

/** Makes webhooks, each of which leaves an entry. Returns their ids. */
async function webhooks(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let each = 0; each < count; each += 1) {
    const json = { url: `https://hooks.example.com/${each}`, events: ['deal.won'] };
    ids.push((await call<{ id: string }>('POST', '/webhooks', json)).body.id);
  }
  return ids;
}

test('entries are listed in pages, the newest first, and by each filter', async () => {
  const ids = await webhooks(3);
  const first = (await call<Page>('GET', '/audit?limit=2')).body;
  expect(first.items.map(({ entityId }) => entityId)).toEqual([ids[2], ids[1]]);
  const second = (await call<Page>('GET', `/audit?limit=2&cursor=${first.nextCursor}`)).body;
  expect([second.items.map(({ entityId }) => entityId), second.nextCursor]).toEqual([[ids[0]], null]);

  const keyId = tenant.keys.all.split('_').at(-2);
  const count = async (filter: string) => (await call<Page>('GET', `/audit?${filter}`)).body.items.length;
  expect(await count(`entityType=webhook&entityId=${ids[1]}`)).toBe(1);
  expect([await count('action=webhook.created'), await count('action=webhook.deleted')]).toEqual([3, 0]);
  expect([await count(`actorId=${keyId}`), await count('actorId=other')]).toEqual([3, 0]);
  expect([await count('outcome=ok'), await count('outcome=refused')]).toEqual([3, 0]);
  const day = new Date(world.qstash.clock.now()).toISOString().slice(0, 10);
  const before = new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
  const after = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
  expect([await count(`from=${day}&to=${day}`), await count(`to=${before}`), await count(`from=${after}`)]).toEqual([
    3, 0, 0,
  ]);
});

test('a caller without the right, and another tenant, see no entry', async () => {
  await webhooks(1);
  const [entry] = (await call<Page>('GET', '/audit')).body.items;
  const other = await createTenant(world.connectionString);
  const read = (path: string, key: string) => world.app.test.request(path, { key });
  expect((await read('/audit', tenant.keys.readOnly)).status).toBe(403);
  expect(await (await read('/audit', other.keys.all)).json()).toEqual({ items: [], nextCursor: null });
  expect((await read(`/audit/entries/${entry?.id}`, other.keys.all)).status).toBe(404);
  expect((await read(`/audit/entries/${entry?.id}/proof`, other.keys.all)).status).toBe(404);
});

test('the schedule seals the entries, and each then has a proof that the public key verifies', async () => {
  await webhooks(2);
  const [entry] = (await call<Page>('GET', '/audit')).body.items;
  expect((await call('GET', `/audit/entries/${entry?.id}/proof`)).status).toBe(404);
  await world.tick();
  expect((await call('GET', '/audit/seals')).body).toMatchObject({ items: [{ seal: 1, count: 2 }] });
  const proof = (await call<never>('GET', `/audit/entries/${entry?.id}/proof`)).body;
  expect(proof).toMatchObject({ valid: true, seal: { seal: 1 }, entry: { id: entry?.id } });
  const response = await world.app.test.request('/.well-known/holdfast-audit-keys.json');
  const { keys } = (await response.json()) as { keys: PublicAuditKey[] };
  expect(await verifyProof(proof, keys[0] ?? expect.fail('There is no key'))).toBe(true);
});

test('the verification is a job whose result has no fault, or names the changed entry and a missing kept seal', async () => {
  await webhooks(2);
  await world.tick();
  const verify = async (json: object) => {
    const { body } = await call<{ jobId: string }>('POST', '/audit/verify', json);
    await world.settle();
    return (await call<{ result: unknown }>('GET', `/jobs/${body.jobId}`)).body.result;
  };
  expect(await verify({})).toMatchObject({ seals: 1, entries: 2, faults: [] });
  const anchor = { seal: 7, hash: 'a'.repeat(64) };
  expect(await verify({ anchor })).toMatchObject({ faults: [{ code: 'SEAL_MISSING', seal: 7 }] });
  const wrong = await call<{ errors: { field: string }[] }>('POST', '/audit/verify', {
    anchor: { ...anchor, hash: '1' },
  });
  expect([wrong.status, wrong.body.errors[0]?.field]).toEqual([400, 'anchor.hash']);
});

test('an erasure removes the data of a sealed entry, leaves an entry, and keeps the proof', async () => {
  await webhooks(1);
  const [entry] = (await call<Page>('GET', '/audit')).body.items;
  const erase = () => call<{ code: string }>('POST', `/audit/entries/${entry?.id}/erase`, { reason: 'A request' });
  expect(await erase()).toMatchObject({ status: 409, body: { code: 'NOT_SEALED' } });
  await world.tick();
  expect((await erase()).status).toBe(204);
  const [newest] = (await call<Page>('GET', '/audit')).body.items;
  expect(newest).toMatchObject({ action: 'audit.erased', entityId: entry?.id, data: { reason: 'A request' } });
  expect((await call('GET', `/audit/entries/${entry?.id}`)).body).toMatchObject({ data: null, seal: 1 });
  expect((await call('GET', `/audit/entries/${entry?.id}/proof`)).body).toMatchObject({ valid: true });
});

test('entries are shown as AuditEvents of FHIR', async () => {
  const [id] = await webhooks(1);
  const { items } = (await call<{ items: object[] }>('GET', '/audit/fhir')).body;
  expect(items).toEqual([
    {
      resourceType: 'AuditEvent',
      id: expect.stringMatching(/^audit-[0-9A-Z]{26}$/) as string,
      type: { system: 'urn:holdfast:audit', code: 'webhook' },
      subtype: [{ system: 'urn:holdfast:audit', code: 'webhook.created' }],
      action: 'C',
      recorded: expect.stringMatching(/Z$/) as string,
      outcome: '0',
      agent: [{ who: { identifier: { value: tenant.keys.all.split('_').at(-2) } }, requestor: true }],
      source: { observer: { display: 'holdfast' } },
      entity: [{ what: { identifier: { value: id } }, type: { system: 'urn:holdfast:audit', code: 'webhook' } }],
    },
  ]);
});
