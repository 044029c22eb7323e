/** Custom fields in imports: which columns fill them, how cells become values, the round trip, and the undo. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ImportKind } from '../../../src/crm/imports/read/plan.ts';
import type { ImportAnswer, ImportPlanAnswer } from '../../../src/crm/imports/schema.ts';
import { crm } from '../../../src/crm/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';
import { added, ask, begin, exportedFile, importFile, look, minutes, rest, startOver, upload } from './transfers.ts';

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
});
beforeEach(async () => {
  await startOver(world);
  await world.query('DELETE FROM custom_fields WHERE tenant_id = $1', [world.tenant.id]);
});
afterAll(() => world.close());

const define = (key: string, type = 'text', more: object = {}) =>
  added(world, '/custom-fields', { kind: 'contact', key, name: `The ${key}`, type, ...more });
const plan = async (file: string, search = '', kind: ImportKind = 'contacts') => {
  const response = await upload(world, file, `?dryRun=1${search}`, kind);
  expect(response.status).toBe(200);
  return (await response.json()) as ImportPlanAnswer;
};
const customOf = async (path: string) => ((await (await ask(world, path)).json()) as { custom: object }).custom;
const values = async () => {
  const { items } = (await (await ask(world, '/contacts')).json()) as { items: { name: string; custom: object }[] };
  return Object.fromEntries(items.map(({ name, custom }) => [name, custom]));
};
const undo = async (id: string) => {
  expect((await ask(world, `/imports/${id}/undo`, { method: 'POST' })).status).toBe(202);
  await rest(world, async () => (await look(world, id)).status === 'undone');
  return (await look(world, id)).undo;
};

describe('a column fills a custom field', () => {
  test('by the name of the field, by its key, and as custom.<key>', async () => {
    for (const key of ['sales_region', 'tier', 'motto']) await define(key);
    const { columns } = await plan('Name,THE TIER,Sales Region,custom.motto,Shoe size\nAda,gold,North,Per aspera,38\n');
    expect(columns.map(({ column, field }) => [column, field])).toEqual([
      ['Name', 'name'],
      ['THE TIER', 'custom.tier'],
      ['Sales Region', 'custom.sales_region'],
      ['custom.motto', 'custom.motto'],
      ['Shoe size', null],
    ]);
  });

  test('by the mapping of the request, which is remembered', async () => {
    await define('region');
    const file = 'Name,Gebiet\nAda,North\n';
    await importFile(world, file, '?columns[custom.region]=Gebiet');
    expect(await values()).toEqual({ Ada: { region: 'North' } });
    expect(await plan(file)).toMatchObject({ mappedBy: 'earlier', columns: [{}, { field: 'custom.region' }] });
    const json = encodeURIComponent('{"custom.region":["Gebiet"]}');
    expect(await plan(file, `&columns=${json}`)).toMatchObject({ columns: [{}, { field: 'custom.region' }] });
  });

  test.each(['dryRun=1&', '', 'parts=2&'])('but not one that does not exist: ?%s is 400', async (search) => {
    const body = search.includes('parts') ? '' : 'Name,Gebiet\nAda,North\n';
    const response = await upload(world, body, `?${search}columns[custom.nowhere]=Gebiet`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ field: 'columns[custom.nowhere]', message: 'is not a known field' }],
    });
  });

  test('and the plan asks about a name of several fields, and about one of another field', async () => {
    await define('first_region', 'text', { name: 'Region' });
    await define('second_region', 'text', { name: 'Region' });
    await define('phone_two', 'text', { name: 'Phone' });
    const { columns, questions } = await plan('Name,Region,Phone\nAda,North,030 1\n');
    expect(columns.map(({ field }) => field)).toEqual(['name', null, 'phone']);
    expect(questions.map(({ column, code }) => [column, code])).toEqual([
      ['Region', 'CUSTOM_FIELD_AMBIGUOUS'],
      ['Phone', 'CUSTOM_FIELD_AMBIGUOUS'],
    ]);
  });

  test('of its own tenant alone', async () => {
    const other = await createTenant(world.connectionString);
    const json = { kind: 'contact', key: 'secret', name: 'Secret', type: 'text' };
    const made = await ask(world, '/custom-fields', { method: 'POST', json, key: other.keys.all });
    expect(made.status).toBe(201);
    expect((await plan('Name,Secret\nAda,x\n')).columns[1]).toMatchObject({ field: null });
    const mapped = await upload(world, 'Name,Secret\nAda,x\n', '?columns[custom.secret]=Secret');
    expect(mapped.status).toBe(400);
  });
});

describe('a cell', () => {
  test('becomes a value of the type, as a dry run shows', async () => {
    await define('seats', 'number');
    await define('since', 'date');
    await define('vip', 'boolean');
    await define('tier', 'choice', { options: ['Gold', 'None'] });
    await define('site', 'url');
    const file = 'Name;Seats;Since;VIP;Tier;Site\nAda;1.234,5;31.12.2026;ja;gold;engines.example\nBob;;;;None;\n';
    const before = await plan(file);
    expect(before.rows[0]).toMatchObject({
      outcome: 'imported',
      record: {
        ...{ 'custom.seats': 1234.5, 'custom.since': '2026-12-31', 'custom.vip': true, 'custom.tier': 'Gold' },
        'custom.site': 'https://engines.example/',
      },
    });
    expect(await importFile(world, file)).toMatchObject({ imported: 2, incomplete: 0, rejections: [] });
    expect(await values()).toEqual({
      Ada: { seats: 1234.5, since: '2026-12-31', vip: true, tier: 'Gold', site: 'https://engines.example/' },
      Bob: { tier: 'None' },
    });
    expect((await plan(file)).rows).toMatchObject([{ outcome: 'unchanged' }, { outcome: 'unchanged' }]);
  });

  test('that is no value costs its field alone, and the reason is kept', async () => {
    await define('seats', 'number');
    await define('tier', 'choice', { options: ['Gold'] });
    const file = 'Name,Seats,Tier\nAda,twelve,Silver\n';
    const answer = await importFile(world, file);
    expect(answer).toMatchObject({ imported: 1, rejected: 0, incomplete: 1 });
    expect(answer.rejections).toEqual([
      { row: 2, field: 'custom.seats', message: expect.stringMatching(/^must be a number/), kept: true },
      { row: 2, field: 'custom.tier', message: 'must be one of the options: Gold', kept: true },
    ]);
    const rejected = await (await ask(world, `/imports/${answer.id}/rejected`)).text();
    expect(rejected).toContain('Ada,twelve,Silver,2,custom.seats: must be');
    expect(await values()).toEqual({ Ada: {} });
  });

  test('that is empty leaves the value, as do fields that the file does not have', async () => {
    for (const key of ['region', 'tier', 'motto']) await define(key);
    const custom = { region: 'North', tier: 'Gold', motto: 'Ad astra' };
    const id = await added(world, '/contacts', { name: 'Ada', email: 'ada@x.example', custom });
    const answer = await importFile(world, 'Name,Email,Region,Tier\nAda,ada@x.example,,Silver\n');
    expect(answer).toMatchObject({ updated: 1 });
    expect(await customOf(`/contacts/${id}`)).toEqual({ ...custom, tier: 'Silver' });
    const [last] = await world.query(
      `SELECT type, data FROM events WHERE tenant_id = $1 AND key = $2 ORDER BY position DESC LIMIT 1`,
      [world.tenant.id, id],
    );
    expect(last).toEqual({ type: 'updated', data: { fields: ['custom.tier'] } });
  });
});

const ALL = [
  { key: 'quote', name: 'Quote, "said"', type: 'text', value: '=SUM("A1"),\'; — ünï' },
  { key: 'sign', name: 'Phone', type: 'text', value: "'-1" },
  { key: 'seats', name: 'Seats', type: 'number', value: -1.234 },
  { key: 'since', name: 'Since', type: 'date', value: '2026-03-04' },
  { key: 'vip', name: 'VIP', type: 'boolean', value: false },
  { key: 'tier', name: 'Tier', type: 'choice', options: ['None', 'n/a'], value: 'n/a' },
  { key: 'site', name: 'Site', type: 'url', value: 'https://x.example/?q=%20a,b' },
] as const;

test.each([
  ['contacts', 'contact', { name: 'Ada', phone: '030 1' }],
  ['companies', 'company', { name: 'Engines' }],
  ['deals', 'deal', { title: 'An engine', value: 1 }],
] as const)(
  'an export of %s with fields of every type changes nothing, and gives lost values back',
  async (kind, entity, record) => {
    for (const { value: _value, ...field } of ALL) await added(world, '/custom-fields', { kind: entity, ...field });
    for (const key of ['twin_a', 'twin_b']) {
      await added(world, '/custom-fields', { kind: entity, key, name: 'Twin', type: 'text' });
    }
    const custom = { ...Object.fromEntries(ALL.map(({ key, value }) => [key, value])), twin_a: 'a', twin_b: 'b' };
    const id = await added(world, `/${kind}`, { ...record, custom });
    await added(world, `/${kind}`, record);
    const file = await exportedFile(world, kind);
    for (let time = 0; time < 2; time += 1) {
      const counts = await importFile(world, file, '', kind);
      expect(counts).toMatchObject({ rows: 2, updated: 0, unchanged: 2, imported: 0, incomplete: 0 });
      expect(await exportedFile(world, kind)).toBe(file);
    }
    await world.query(`UPDATE ${kind} SET custom = '{}' WHERE tenant_id = $1`, [world.tenant.id]);
    expect(await importFile(world, file, '', kind)).toMatchObject({ updated: 1, unchanged: 1, incomplete: 0 });
    expect(await customOf(`/${kind}/${id}`)).toEqual(custom);
    expect(await exportedFile(world, kind)).toBe(file);
  },
);

test('a record keeps a choice whose option is gone, and another record does not get it', async () => {
  const field = await define('tier', 'choice', { options: ['Gold', 'Silver'] });
  await added(world, '/contacts', { name: 'Ada', custom: { tier: 'Gold' } });
  await ask(world, `/custom-fields/${field}`, { method: 'PATCH', json: { options: ['Silver'] } });
  const file = await exportedFile(world, 'contacts');
  expect(await importFile(world, file)).toMatchObject({ unchanged: 1, incomplete: 0 });
  const answer = await importFile(world, 'Name,Tier,Phone\nBob,Gold,1\n');
  expect(answer).toMatchObject({ imported: 1, incomplete: 1, rejections: [{ field: 'custom.tier' }] });
});

describe('a definition that is deleted', () => {
  test('after a dry run leaves its column out, with a question', async () => {
    const field = await define('plumage');
    const file = 'Name,Plumage\nAda,North\n';
    expect((await plan(file)).columns[1]).toMatchObject({ field: 'custom.plumage' });
    await ask(world, `/custom-fields/${field}`, { method: 'DELETE' });
    expect(await plan(file)).toMatchObject({ columns: [{}, { field: null }], questions: [{ column: 'Plumage' }] });
    expect(await importFile(world, file)).toMatchObject({ imported: 1, columns: [{}, { field: null }] });
  });

  test('after its mapping was remembered leaves the column out, with a question', async () => {
    const field = await define('region');
    const file = 'Name,Gebiet\nAda,North\n';
    await importFile(world, file, '?columns[custom.region]=Gebiet');
    await ask(world, `/custom-fields/${field}`, { method: 'DELETE' });
    expect(await plan(file)).toMatchObject({
      columns: [{}, { field: null }],
      questions: [{ column: 'Gebiet', code: 'CUSTOM_FIELD_UNKNOWN' }],
    });
    expect(await importFile(world, file)).toMatchObject({ unchanged: 1 });
  });

  test('between two chunks costs the later rows its field alone, with the reason, and stores no value', async () => {
    const field = await define('region');
    const people = Array.from(
      { length: 600 },
      (_, n) => `Person ${n},person${n}@x.example,${n === 550 ? '' : 'North'}`,
    );
    world.app.faults = { finish: ['die-before'] };
    const id = await begin(world, `Name,Email,Region\n${people.join('\n')}\n`);
    void world.advance(5_000);
    await world.app.died;
    world.replace();
    expect(await look(world, id)).toMatchObject({ done: 500, incomplete: 0 });
    await ask(world, `/custom-fields/${field}`, { method: 'DELETE' });
    await minutes(world, 10, id);
    const answer = await look(world, id);
    expect(answer).toMatchObject({ status: 'done', imported: 600, incomplete: 99 });
    const message = 'is the field of a definition that was deleted';
    expect(answer.rejections[0]).toEqual({ row: 502, field: 'custom.region', message, kept: true });
    const stored = () => world.query('SELECT 1 FROM contact_values WHERE field_id = $1 LIMIT 1', [field]);
    await rest(world, async () => (await stored()).length === 0);
    expect(await stored()).toEqual([]);
  });
});

describe('an undo', () => {
  test('gives earlier values back and removes new ones', async () => {
    for (const key of ['region', 'tier']) await define(key);
    const id = await added(world, '/contacts', { name: 'Ada', email: 'ada@x.example', custom: { tier: 'Gold' } });
    const file = 'Name,Email,Region,Tier\nAda,ada@x.example,South,Silver\nBob,bob@x.example,West,\n';
    const { id: importId } = await importFile(world, file);
    expect(await customOf(`/contacts/${id}`)).toEqual({ region: 'South', tier: 'Silver' });
    expect(await undo(importId)).toMatchObject({ removed: 1, restored: 1, kept: 0 });
    expect(await values()).toEqual({ Ada: { tier: 'Gold' } });
    const found = (await (await ask(world, '/contacts?custom.tier=Gold')).json()) as { items: object[] };
    expect(found.items).toHaveLength(1);
  });

  test('leaves a record whose value has changed since', async () => {
    await define('region');
    const { id } = await importFile(world, 'Name,Email\nAda,ada@x.example\n');
    const [row] = await world.query('SELECT id FROM contacts WHERE tenant_id = $1', [world.tenant.id]);
    const json = { custom: { region: 'South' } };
    await ask(world, `/contacts/${row?.['id']}`, { method: 'PATCH', json });
    expect(await undo(id)).toMatchObject({ kept: 1, records: [{ reason: 'has changed since the import' }] });
    expect(await values()).toEqual({ Ada: { region: 'South' } });
  });

  test('gives a deleted field no values, and is not kept from the other fields', async () => {
    const region = await define('region');
    await define('tier');
    const custom = { region: 'North', tier: 'Gold' };
    await added(world, '/contacts', { name: 'Ada', email: 'ada@x.example', custom });
    const { id } = await importFile(world, 'Name,Email,Region,Tier\nAda,ada@x.example,South,Silver\n');
    await ask(world, `/custom-fields/${region}`, { method: 'DELETE' });
    await rest(
      world,
      async () => (await world.query('SELECT 1 FROM contact_values WHERE field_id = $1', [region])).length === 0,
    );
    expect(await undo(id)).toMatchObject({ restored: 1, kept: 0 });
    expect(await values()).toEqual({ Ada: { tier: 'Gold' } });
    expect(await world.query('SELECT 1 FROM contact_values WHERE field_id = $1', [region])).toEqual([]);
  });

  test('of an import from before custom fields were imported works as it did', async () => {
    const { id } = await importFile(world, 'Name,Email\nAda,ada@x.example\n');
    await world.query(
      `UPDATE import_changes SET rows = (SELECT jsonb_agg(row #- '{after,custom}') FROM jsonb_array_elements(rows) row)
       WHERE import_id = $1`,
      [id],
    );
    expect(await undo(id)).toMatchObject({ removed: 1, kept: 0 });
  });
});

test('an import and its undo end the cached answers of changed rows', async () => {
  await define('region');
  const id = await added(world, '/contacts', { name: 'Ada', email: 'ada@x.example', custom: { region: 'North' } });
  const paths = [`/contacts/${id}`, '/contacts', '/contacts?custom.region=North'];
  const warm = async () => {
    for (const path of [...paths, ...paths]) await ask(world, path);
    expect((await ask(world, `/contacts/${id}`)).headers.get('x-cache')).toBe('HIT');
  };
  const caches = () => Promise.all(paths.map(async (path) => (await ask(world, path)).headers.get('x-cache')));
  await warm();
  const { id: importId } = await importFile(world, 'Name,Email,Region\nAda,ada@x.example,South\n');
  expect(await caches()).not.toContain('HIT');
  await warm();
  await undo(importId);
  expect(await caches()).not.toContain('HIT');
  expect(await customOf(`/contacts/${id}`)).toEqual({ region: 'North' });
});

test('a contact without number and address is the same one only if the row says no new value', async () => {
  await define('region');
  const file = 'Name,Region\nAda,North\n';
  await importFile(world, file);
  expect(await importFile(world, file)).toMatchObject({ unchanged: 1 });
  expect(await importFile(world, 'Name,Region\nAda,South\n')).toMatchObject({ imported: 1 });
});

test('a row whose only filled cell is one of a custom field is data', async () => {
  await define('region');
  const answer: ImportAnswer = await importFile(world, 'Name,Region\nAda,North\n,South\n');
  expect(answer).toMatchObject({ imported: 1, rejected: 1, rejections: [{ row: 3, field: 'name' }] });
});

test('a large file in parts fills custom fields, also after the definition of its mapping is gone', async () => {
  await define('region');
  const tier = await define('tier');
  const search = '?parts=1&columns[custom.tier]=Stufe';
  const { id } = (await (await upload(world, '', search)).json()) as ImportAnswer;
  await ask(world, `/imports/${id}/parts/1`, {
    ...{ method: 'PUT', headers: { 'content-type': 'text/csv' } },
    body: 'Name,Region,Stufe\nAda,North,Gold\n',
  });
  await ask(world, `/custom-fields/${tier}`, { method: 'DELETE' });
  expect((await ask(world, `/imports/${id}/start`, { method: 'POST' })).status).toBe(202);
  await rest(world, async () => (await look(world, id)).status === 'done');
  expect(await look(world, id)).toMatchObject({
    imported: 1,
    columns: [{}, { field: 'custom.region' }, { field: null }],
  });
  expect(await values()).toEqual({ Ada: { region: 'North' } });
});
