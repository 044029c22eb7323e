/**
 * The machinery of imports with companies and with deals: the dry run, mappings, parts, gzip, rejected rows,
 * cancellation, undo and crashes are the same as those of contacts.
 */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ImportAnswer, ImportPlanAnswer } from '../../../src/crm/imports/schema.ts';
import { crm } from '../../../src/crm/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';
import { added, ask, begin, importFile, look, minutes, rest, startOver, upload } from './transfers.ts';

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
});
beforeEach(() => startOver(world));
afterAll(() => world.close());

/** How the tests write files of a kind: the field that names a record and another field, with their columns. */
const KINDS = [
  {
    kind: 'companies',
    title: 'name',
    column: 'Company',
    field: 'industry',
    other: 'Industry',
    cell: 'Trade',
    old: null,
  },
  { kind: 'deals', title: 'title', column: 'Title', field: 'value', other: 'Value', cell: '7.00', old: '0.00' },
] as const;

const csv = { 'content-type': 'text/csv' };
const rowsOf = (count: number) => Array.from({ length: count }, (_, n) => `Record ${n},Firm ${n % 7}`).join('\n');

describe.each(KINDS)('files of $kind', ({ kind, title, column, field, other, cell, old }) => {
  const run = (body: BodyInit, search = '') => importFile(world, body, search, kind);
  const records = async () =>
    world.query(`SELECT ${title} AS title FROM ${kind} WHERE tenant_id = $1 ORDER BY 1`, [world.tenant.id]);
  const large = (count: number) =>
    kind === 'deals' ? `Title,Company\n${rowsOf(count)}\n` : `Company,City\n${rowsOf(count)}\n`;
  const counted = async () => {
    const [row] = await world.query(
      `SELECT count(*)::int AS "all", count(DISTINCT ${title})::int AS different FROM ${kind}
       WHERE tenant_id = $1 AND ${title} LIKE 'Record %'`,
      [world.tenant.id],
    );
    return [row?.['all'], row?.['different']];
  };
  const post = async (path: string) => {
    const response = await ask(world, path, { method: 'POST' });
    return { status: response.status, answer: (await response.json()) as ImportAnswer };
  };
  async function undo(id: string): Promise<ImportAnswer> {
    expect((await post(`/imports/${id}/undo`)).status).toBe(202);
    await rest(world, async () => (await look(world, id)).status === 'undone');
    return look(world, id);
  }

  test('have a dry run with the plan, the questions and 20 rows, which stores nothing', async () => {
    await run(`${column}\nKnown\n`);
    const lines = [`Known,${cell},x`, ...Array.from({ length: 30 }, (_, n) => `New ${n},,`)];
    const response = await upload(world, `${column},${other},Shoe size\n${lines.join('\n')}\n`, '?dryRun=1', kind);
    expect(response.status).toBe(200);
    const answer = (await response.json()) as ImportPlanAnswer;
    expect(answer).toMatchObject({
      ...{ headerRow: 1, separator: ',', mappedBy: null },
      columns: [{ field: title }, { field }, { field: null }],
      questions: [{ column: 'Shoe size', code: 'COLUMN_UNKNOWN' }],
    });
    expect(answer.rows).toHaveLength(20);
    expect(answer.rows[0]).toMatchObject({
      ...{ row: 2, outcome: 'updated', record: { [title]: 'Known', [field]: cell } },
      changes: { [field]: { from: old, to: cell } },
    });
    expect(answer.rows[1]).toMatchObject({ outcome: 'imported', record: { [title]: 'New 0' } });
    expect(await records()).toEqual([{ title: 'Known' }]);
  });

  test.each([
    ['query parameters', `?${new URLSearchParams({ [`columns[${title}]`]: 'Alpha', [`columns[${field}]`]: 'Beta' })}`],
    ['JSON', `?${new URLSearchParams({ columns: JSON.stringify({ [title]: 'Alpha', [field]: ['Beta'] }) })}`],
  ])('take a mapping as %s, and remember it for this kind alone', async (_way, search) => {
    const body = `Alpha;Beta\nRoof;${cell}\n`;
    expect((await upload(world, body, '', kind)).status).toBe(400);
    expect(await run(body, search)).toMatchObject({ imported: 1, columns: [{ field: title }, { field }] });
    expect(await run(body)).toMatchObject({ unchanged: 1 });
    expect((await upload(world, body)).status).toBe(400);
  });

  test.each([
    ['?columns[email]=Name', 'columns[email]'],
    ['?columns={"shoe":"Name"}', 'columns'],
    ['?dryRun=perhaps', 'dryRun'],
    ['?parts=0', 'parts'],
    ['?nonsense=1', 'nonsense'],
    [`?columns[${title}]=Nowhere`, 'body'],
  ])('with %s are refused by the name of the field', async (search, name) => {
    const response = await upload(world, `${column}\nRoof\n`, search, kind);
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ field: name }] }]);
  });

  test.each([
    ['empty', ''],
    ['without a known column', 'Colour,Size\nred,1\n'],
    ['without rows', `${column}\n`],
    ['no text', `${column}\n\0\n`],
  ])('that are %s are refused', async (_name, body) => {
    const response = await upload(world, body, '', kind);
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ field: 'body' }] }]);
  });

  test('may come in parts, one of them gzip, cut within a character', async () => {
    const text = Buffer.from(`${column},${other}\n"Zoë, the\nfirst",${cell}\n`);
    const at = text.indexOf(0xc3) + 1;
    const announced = await ask(world, `/imports/${kind}?parts=2`, { method: 'POST', headers: csv, body: '' });
    const { id, status } = (await announced.json()) as ImportAnswer;
    expect([announced.status, status]).toEqual([202, 'uploading']);
    const put = (part: number, body: BodyInit, headers: object) =>
      ask(world, `/imports/${id}/parts/${part}`, { method: 'PUT', headers: { ...csv, ...headers }, body });
    expect((await put(2, text.subarray(at), {})).status).toBe(200);
    expect((await put(1, gzipSync(text.subarray(0, at)), { 'content-encoding': 'gzip' })).status).toBe(200);
    expect((await post(`/imports/${id}/start`)).status).toBe(202);
    await minutes(world, 2, id);
    expect(await look(world, id)).toMatchObject({ kind, status: 'done', imported: 1 });
    expect(await records()).toEqual([{ title: 'Zoë, the first' }]);
  });

  test('have their rejected rows as a file, which changes the same records after a correction', async () => {
    const { id } = await run(`${column},Owner,${other}\nRoof,a stranger,\n,,${cell}\n`);
    const response = await ask(world, `/imports/${id}/rejected`);
    const lines = (await response.text()).trimEnd().split('\r\n');
    expect(lines[0]).toBe(`Id,${column},Owner,${other},Row,Reason`);
    expect(lines[1]).toMatch(/^(company|deal)_\w+,Roof,a stranger,,2,owner: is not a known user$/);
    expect(lines[2]).toBe(`,,,${cell},3,${title}: is required for a new ${kind === 'deals' ? 'deal' : 'company'}`);
    const mended = lines.slice(0, 2).join('\r\n').replace('a stranger,', `,${cell}`);
    expect(await run(mended)).toMatchObject({ imported: 0, updated: 1, incomplete: 0 });
    expect(await records()).toHaveLength(1);
  });

  test('of another tenant are a 404 in every way', async () => {
    const { id } = await run(`${column}\nRoof\n`);
    const { keys } = await createTenant(world.connectionString);
    const ways = [`/imports/${id}`, `/imports/${id}/rejected`];
    for (const path of ways) expect((await ask(world, path, { key: keys.all })).status).toBe(404);
    for (const verb of ['cancel', 'undo', 'start']) {
      const response = await ask(world, `/imports/${id}/${verb}`, { method: 'POST', key: keys.all });
      expect(response.status).toBe(404);
    }
    const list = (await (await ask(world, '/imports', { key: keys.all })).json()) as { items: unknown[] };
    expect(list.items).toEqual([]);
    expect(await (await ask(world, '/imports?limit=1')).json()).toMatchObject({ items: [{ id, kind }] });
  });

  test('are imported in slices, none of them twice if the process dies after a commit, and their undo removes all', async () => {
    const { app } = world;
    app.faults = { finish: ['die-before'] };
    const id = await begin(world, large(1200), '', kind);
    void world.advance(5_000);
    await app.died;
    world.replace();
    expect(await look(world, id)).toMatchObject({ status: 'running', done: 500, imported: 500 });
    await minutes(world, 10, id);
    expect(await look(world, id)).toMatchObject({ status: 'done', imported: 1200, updated: 0, unchanged: 0 });
    expect(await counted()).toEqual([1200, 1200]);
    expect(await run(large(1200))).toMatchObject({ imported: 0, updated: 0, unchanged: 1200, companiesCreated: 0 });
    const firms = kind === 'deals' ? 7 : 0;
    expect(await undo(id)).toMatchObject({ undo: { removed: 1200 + firms, restored: 0, kept: 0 } });
    expect(await counted()).toEqual([0, 0]);
    expect(await world.query('SELECT id FROM companies WHERE tenant_id = $1', [world.tenant.id])).toEqual([]);
  });

  test('can be cancelled before the next slice', async () => {
    world.app.faults = { finish: ['die-before'] };
    const id = await begin(world, large(1200), '', kind);
    void world.advance(5_000);
    await world.app.died;
    world.replace();
    expect(await post(`/imports/${id}/cancel`)).toMatchObject({ status: 200, answer: { status: 'cancelled' } });
    await minutes(world, 5, id);
    expect(await look(world, id)).toMatchObject({ status: 'cancelled', imported: 500 });
    expect(await counted()).toEqual([500, 500]);
  });

  test('are undone: changed records get their old values, and records that have changed since stay', async () => {
    const path = `/${kind}`;
    const old = kind === 'deals' ? { value: '1.00', expectedCloseDate: '2026-01-01' } : { city: 'Oslo', employees: 3 };
    const name = (text: string) => ({ [title]: text });
    const restored = await added(world, path, { ...name('Restored'), ...old });
    const edited = await added(world, path, { ...name('Edited'), ...old });
    const before = await records();
    const columns = kind === 'deals' ? 'Title,Value,Stage,Expected close date' : 'Id,Company,City,Employees';
    const change = kind === 'deals' ? '9,won,2027-01-01' : 'Rome,9';
    const line = (id: string, text: string) => (kind === 'deals' ? `${text},${change}` : `${id},${text},${change}`);
    const { id } = await run(
      `${columns}\n${line(restored, 'Restored')}\n${line(edited, 'Edited')}\n${line('', 'New')}\n`,
    );
    const state = async (record: string) => (await (await ask(world, `${path}/${record}`)).json()) as object;
    expect(await state(restored)).not.toMatchObject(old);
    await ask(world, `${path}/${edited}`, { method: 'PATCH', json: name('Edited since') });
    expect((await undo(id)).undo).toMatchObject({
      ...{ removed: 1, restored: 1, kept: 1 },
      records: [{ entity: kind === 'deals' ? 'deal' : 'company', id: edited, reason: 'has changed since the import' }],
    });
    expect(await state(restored)).toMatchObject({
      ...old,
      ...(kind === 'deals' ? { stage: 'lead', closedAt: null } : {}),
    });
    expect(await state(edited)).not.toMatchObject(old);
    expect(await records()).toEqual(before.map((row) => (row['title'] === 'Edited' ? { title: 'Edited since' } : row)));
  });

  test('keep a new record that is in use when they are undone', async () => {
    const { id } = await run(`${column}\nUsed\nFree\n`);
    const [row] = await world.query(`SELECT id FROM ${kind} WHERE tenant_id = $1 AND ${title} = 'Used'`, [
      world.tenant.id,
    ]);
    const record = String(row?.['id']);
    if (kind === 'deals') await added(world, '/tasks', { title: 'Call', dealId: record });
    else await added(world, '/deals', { title: 'Roof', value: 1, companyId: record });
    expect((await undo(id)).undo).toMatchObject({
      ...{ removed: 1, restored: 0, kept: 1 },
      records: [{ id: record, reason: kind === 'deals' ? 'has tasks' : 'is in use' }],
    });
    await world.query('DELETE FROM tasks WHERE tenant_id = $1', [world.tenant.id]);
  });
});

test('an import of companies takes no parameter about companies of other records', async () => {
  const response = await upload(world, 'Company\nA\n', '?createCompanies=false', 'companies');
  expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ field: 'createCompanies' }] }]);
});
