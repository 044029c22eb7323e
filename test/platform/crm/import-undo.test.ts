/** The cancellation and the undo of imports: what they take back, and what they leave. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ImportAnswer } from '../../../src/crm/imports/schema.ts';
import { crm } from '../../../src/crm/index.ts';
import { newWebhookSchema } from '../../../src/crm/webhooks/schema.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';
import { ask, begin, countContacts, fileOf, importFile, look, minutes, rest, startOver, upload } from './transfers.ts';

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
});
beforeEach(() => startOver(world));
afterAll(() => world.close());

async function post(path: string, json?: object) {
  const response = await ask(world, path, { method: 'POST', ...(json ? { json } : {}) });
  return { status: response.status, answer: (await response.json()) as ImportAnswer & { code: string } };
}
async function undo(id: string): Promise<ImportAnswer> {
  const { status, answer } = await post(`/imports/${id}/undo`);
  expect([status, answer.status]).toEqual([202, 'undoing']);
  await rest(world, async () => (await look(world, id)).status === 'undone');
  return look(world, id);
}
const contacts = () =>
  world.query(
    `SELECT c.id, c.name, c.phone, co.name AS company FROM contacts c
     LEFT JOIN companies co ON co.tenant_id = c.tenant_id AND co.id = c.company_id
     WHERE c.tenant_id = $1 ORDER BY c.name`,
    [world.tenant.id],
  );
const companies = () => world.query('SELECT name FROM companies WHERE tenant_id = $1', [world.tenant.id]);
const idOf = async (name: string) => String((await contacts()).find((row) => row['name'] === name)?.['id']);
const waiting = (id: string) =>
  world.query(
    `SELECT seq FROM import_chunks WHERE import_id = $1 UNION ALL SELECT seq FROM import_pieces WHERE import_id = $1`,
    [id],
  );

describe('the undo of an import', () => {
  test('removes new contacts and companies, and gives changed contacts their old values', async () => {
    await importFile(world, 'Name,Email,Phone,Company\nAda,ada@x.example,1,Engines\n');
    const before = await contacts();
    const { id } = await importFile(
      world,
      'Name,Email,Phone,Company\nAda L.,ada@x.example,2,Looms\nBob,bob@x.example,3,Looms\n',
    );
    expect(await undo(id)).toMatchObject({ undo: { removed: 2, restored: 1, kept: 0, records: [] } });
    expect(await contacts()).toEqual(before);
    expect(await companies()).toEqual([{ name: 'Engines' }]);
    const events = await world.query(
      `SELECT stream, type, data FROM events WHERE tenant_id = $1 ORDER BY position DESC LIMIT 4`,
      [world.tenant.id],
    );
    expect(events).toEqual([
      { stream: 'contacts', type: 'importUndone', data: { removed: '2', restored: '1' } },
      { stream: 'companies', type: 'deleted', data: {} },
      { stream: 'contacts', type: 'updated', data: { fields: ['name', 'phone', 'companyId'] } },
      { stream: 'contacts', type: 'deleted', data: {} },
    ]);
  });

  test('leaves and lists the records that have changed since', async () => {
    await importFile(world, 'Name,Email\nOld,old@x.example\nGone,gone@x.example\n');
    const { id } = await importFile(
      world,
      [
        'Name,Email,Phone,Company',
        'Old,old@x.example,1,Firm of Old',
        'Gone,gone@x.example,1,',
        'Edited,edited@x.example,1,Firm of Edited',
        'Dealt,dealt@x.example,1,',
        'Deleted,deleted@x.example,1,',
        'Free,free@x.example,1,',
      ].join('\n'),
    );
    const [old, gone, edited, dealt, deleted] = await Promise.all(
      ['Old', 'Gone', 'Edited', 'Dealt', 'Deleted'].map(idOf),
    );
    await ask(world, `/contacts/${old}`, { method: 'PATCH', json: { jobTitle: 'Boss' } });
    await ask(world, `/contacts/${edited}`, { method: 'PATCH', json: { phone: '2' } });
    await post('/deals', { title: 'With Dealt', value: 1, contactId: dealt });
    for (const contact of [gone, deleted]) await ask(world, `/contacts/${contact}`, { method: 'DELETE' });
    const undone = await undo(id);
    expect(undone.undo).toMatchObject({ removed: 1, restored: 0, kept: 6 });
    const reasons = undone.undo?.records.map((record) => [record.entity, record.id, record.reason]) ?? [];
    const firms = await world.query('SELECT id FROM companies WHERE tenant_id = $1', [world.tenant.id]);
    expect(new Set(reasons.map((reason) => reason.join(' ')))).toEqual(
      new Set([
        `contact ${old} has changed since the import`,
        `contact ${gone} was deleted since the import`,
        `contact ${edited} has changed since the import`,
        `contact ${dealt} has deals`,
        ...firms.map((firm) => `company ${firm['id']} is in use`),
      ]),
    );
    expect((await contacts()).map(({ name }) => name)).toEqual(['Dealt', 'Edited', 'Old']);
  });

  test('of several chunks is done in slices, also for a contact that two chunks have changed', async () => {
    const file = `${fileOf(1200)}Last,Name,person0@example.com,9,\n`;
    const { id } = await importFile(world, file);
    expect(await countContacts(world)).toMatchObject({ all: 1200 });
    expect(await undo(id)).toMatchObject({ undo: { removed: 1207, restored: 1, kept: 0 } });
    expect(await countContacts(world)).toMatchObject({ all: 0 });
    expect(await companies()).toEqual([]);
    expect(await world.read(`${id}-undo`)).toMatchObject({ state: 'done', slice: 2 });
    expect(await importFile(world, file)).toMatchObject({ imported: 1200 });
  });

  test('that dies after its commit undoes nothing twice', async () => {
    const { id } = await importFile(world, fileOf(1200));
    world.app.faults = { finish: ['die-before'] };
    await post(`/imports/${id}/undo`);
    void world.advance(5_000);
    await world.app.died;
    world.replace();
    await minutes(world, 10, `${id}-undo`);
    expect(await look(world, id)).toMatchObject({ status: 'undone', undo: { removed: 1207, kept: 0 } });
    expect(await countContacts(world)).toMatchObject({ all: 0 });
  });

  test('that fails for good says so, and goes on when it is started again', async () => {
    const { id } = await importFile(world, fileOf(1200));
    world.app.faults = { finish: ['die-before'] };
    await post(`/imports/${id}/undo`);
    void world.advance(5_000);
    await world.app.died;
    world.replace();
    expect(await look(world, id)).toMatchObject({ status: 'undoing', undo: { removed: expect.any(Number) } });
    await world.query('ALTER TABLE contacts RENAME TO elsewhere');
    await world.advance(86_400_000);
    await world.query('ALTER TABLE elsewhere RENAME TO contacts');
    expect(await world.read(`${id}-undo`)).toMatchObject({ state: 'dead' });
    const failed = await look(world, id);
    expect(failed.status).toBe('undoFailed');
    const left = await countContacts(world);
    expect([left?.['all'], failed.undo?.removed]).toEqual([1000, expect.any(Number)]);
    const list = (await (await ask(world, '/imports?limit=1')).json()) as { items: ImportAnswer[] };
    expect(list.items).toMatchObject([{ id, status: 'undoFailed' }]);

    expect(await post(`/imports/${id}/undo`)).toMatchObject({ status: 202, answer: { status: 'undoing' } });
    expect(await post(`/imports/${id}/undo`)).toMatchObject({ status: 409, answer: { code: 'IMPORT_NOT_ENDED' } });
    await minutes(world, 10, `${id}-undo`);
    expect(await look(world, id)).toMatchObject({ status: 'undone', undo: { removed: 1207, restored: 0, kept: 0 } });
    expect(await countContacts(world)).toMatchObject({ all: 0 });
    expect(await companies()).toEqual([]);
  });

  test('that has failed cannot go on when its changes are no longer kept, nor one that is under way', async () => {
    const { id } = await importFile(world, 'Name\nAda\n');
    await world.query(`UPDATE imports SET status = 'undoing' WHERE id = $1`, [id]);
    expect(await post(`/imports/${id}/undo`)).toMatchObject({ status: 409, answer: { code: 'IMPORT_NOT_ENDED' } });
    await world.query(`UPDATE imports SET created_at = created_at - interval '8 days' WHERE id = $1`, [id]);
    expect(await post(`/imports/${id}/undo`)).toMatchObject({ status: 409, answer: { code: 'UNDO_TOO_LATE' } });
  });

  test('is possible for a day, and once', async () => {
    const { id } = await importFile(world, 'Name\nAda\n');
    await world.query(`UPDATE imports SET finished_at = finished_at - interval '25 hours' WHERE id = $1`, [id]);
    expect(await post(`/imports/${id}/undo`)).toMatchObject({ status: 409, answer: { code: 'UNDO_TOO_LATE' } });
    const { id: second } = await importFile(world, 'Name\nBob\n');
    await undo(second);
    expect(await post(`/imports/${second}/undo`)).toMatchObject({ status: 409, answer: { code: 'IMPORT_NOT_ENDED' } });
  });

  test('restores no company that was deleted', async () => {
    await importFile(world, 'Name,Email,Company\nAda,ada@x.example,Engines\n');
    const { id } = await importFile(world, 'Name,Email,Company\nAda,ada@x.example,Looms\n');
    const [engines] = await world.query(`SELECT id FROM companies WHERE name = 'Engines' AND tenant_id = $1`, [
      world.tenant.id,
    ]);
    await ask(world, `/companies/${engines?.['id']}`, { method: 'DELETE' });
    expect((await undo(id)).undo?.records).toMatchObject([
      { entity: 'contact', reason: 'its earlier company was deleted' },
      { entity: 'company', reason: 'is in use' },
    ]);
  });

  test('ends the cached answers that show the records', async () => {
    const { id } = await importFile(world, 'Name,Email,Company\nAda,ada@x.example,Engines\n');
    const contact = await idOf('Ada');
    const paths = ['/contacts', '/companies', `/contacts/${contact}`, '/dashboard/overview'];
    for (const path of [...paths, ...paths]) await ask(world, path);
    await undo(id);
    const answers = await Promise.all(paths.map(async (path) => (await ask(world, path)).headers.get('x-cache')));
    expect(answers).not.toContain('HIT');
    expect((await ask(world, `/contacts/${contact}`)).status).toBe(404);
  });
});

describe('a cancellation', () => {
  test('ends an import before its next slice, and its rows can be undone', async () => {
    world.app.faults = { finish: ['die-before'] };
    const id = await begin(world, fileOf(1200));
    void world.advance(5_000);
    await world.app.died;
    world.replace();
    expect(await post(`/imports/${id}/cancel`)).toMatchObject({
      status: 200,
      answer: { status: 'cancelled', done: 500 },
    });
    await minutes(world, 10, id);
    expect(await look(world, id)).toMatchObject({ status: 'cancelled', imported: 500 });
    expect(await world.read(id)).toMatchObject({ state: 'cancelled' });
    expect(await countContacts(world)).toMatchObject({ all: 500 });
    expect(await waiting(id)).toEqual([]);
    expect(await undo(id)).toMatchObject({ undo: { removed: 507 } });
    expect(await countContacts(world)).toMatchObject({ all: 0 });
  });

  test('of an import that waits imports nothing', async () => {
    world.qstash.hold(world.url);
    const id = await begin(world, fileOf(3));
    expect((await post(`/imports/${id}/cancel`)).status).toBe(200);
    world.qstash.release();
    await minutes(world, 2, id);
    expect(await countContacts(world)).toMatchObject({ all: 0 });
  });

  test('of an upload deletes its parts', async () => {
    const { id } = (await (await upload(world, '', '?parts=2')).json()) as ImportAnswer;
    const headers = { 'content-type': 'text/csv' };
    await ask(world, `/imports/${id}/parts/1`, { method: 'PUT', headers, body: 'Name\nAda\n' });
    expect(await waiting(id)).toHaveLength(1);
    expect((await post(`/imports/${id}/cancel`)).status).toBe(200);
    expect(await waiting(id)).toEqual([]);
  });

  test('of an import that has ended is refused', async () => {
    const { id } = await importFile(world, 'Name\nAda\n');
    expect(await post(`/imports/${id}/cancel`)).toMatchObject({ status: 409, answer: { code: 'IMPORT_ENDED' } });
  });
});

test('a webhook can ask for the end of imports and of undos alone', () => {
  const events = ['contact.imported', 'company.importUndone', 'deal.importUndone'];
  expect(newWebhookSchema.parse({ url: 'https://hooks.x.example/', events })).toMatchObject({ events });
});

test.each(['cancel', 'undo'])('an import of another tenant cannot be ended by %s', async (verb) => {
  const { id } = await importFile(world, 'Name\nAda\n');
  const { keys } = await createTenant(world.connectionString);
  expect((await ask(world, `/imports/${id}/${verb}`, { method: 'POST', key: keys.all })).status).toBe(404);
});
