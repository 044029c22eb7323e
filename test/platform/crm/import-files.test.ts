/** Files in other ways: a dry run, a mapping, parts, gzip, the list, and the rejected rows as a file. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ImportAnswer, ImportPlanAnswer } from '../../../src/crm/imports/schema.ts';
import { crm } from '../../../src/crm/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';
import { ask, begin, countContacts, fileOf, importFile, look, minutes, startOver, upload } from './transfers.ts';

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
});
beforeEach(() => startOver(world));
afterAll(() => world.close());

async function dryRun(body: BodyInit, search = ''): Promise<ImportPlanAnswer> {
  const response = await upload(world, body, `?dryRun=1${search}`);
  expect(response.status).toBe(200);
  return (await response.json()) as ImportPlanAnswer;
}
const stored = async () => {
  const [row] = await world.query(
    `SELECT (SELECT count(*) FROM imports WHERE tenant_id = $1)::int AS imports,
      (SELECT count(*) FROM import_chunks WHERE tenant_id = $1)::int AS chunks,
      (SELECT count(*) FROM import_mappings WHERE tenant_id = $1)::int AS mappings,
      (SELECT count(*) FROM contacts WHERE tenant_id = $1)::int AS contacts,
      (SELECT count(*) FROM companies WHERE tenant_id = $1)::int AS companies`,
    [world.tenant.id],
  );
  return row;
};
/** The text with its byte order mark, which `text()` would drop. */
const textOf = async (path: string) => Buffer.from(await (await ask(world, path)).arrayBuffer()).toString();
const contacts = () =>
  world.query('SELECT name, email FROM contacts WHERE tenant_id = $1 ORDER BY id', [world.tenant.id]);

describe('a dry run', () => {
  test('answers the plan and the first rows as they would become, and stores nothing', async () => {
    await importFile(world, 'Name,Email,Company\nAda,ada@x.example,Engines\nBob,bob@x.example,\n');
    const before = await stored();
    const answer = await dryRun(
      'Name;Email;Company;Shoe size\nAda L.;ada@x.example;Looms;38\nBob;bob@x.example;;\nCleo;no address;;\n;;Only;\n',
    );
    expect(answer).toMatchObject({
      ...{ encoding: 'utf-8', separator: ';', headerRow: 1, mappedBy: null },
      columns: [{ field: 'name' }, { field: 'email' }, { field: 'company' }, { column: 'Shoe size', field: null }],
    });
    expect(answer.rows.slice(0, 3)).toEqual([
      {
        ...{ row: 2, outcome: 'updated', rejections: [] },
        record: { name: 'Ada L.', email: 'ada@x.example', phone: null, jobTitle: null, company: 'Looms' },
        changes: { name: { from: 'Ada', to: 'Ada L.' }, company: { from: 'Engines', to: 'Looms' } },
      },
      {
        ...{ row: 3, outcome: 'unchanged', changes: {}, rejections: [] },
        record: { name: 'Bob', email: 'bob@x.example', phone: null, jobTitle: null, company: null },
      },
      {
        ...{ row: 4, outcome: 'imported', changes: { name: { from: '', to: 'Cleo' } } },
        record: { name: 'Cleo', email: null, phone: null, jobTitle: null, company: null },
        rejections: [{ row: 4, field: 'email', message: 'is not an e-mail address', kept: true }],
      },
    ]);
    expect(await stored()).toEqual(before);
  });

  test('shows the first 20 rows of a file, also of the beginning of a larger one', async () => {
    const { rows } = await dryRun(`${fileOf(30)}"cut in the mid`);
    expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: 20 }, (_, index) => index + 2));
  });
});

describe('a mapping', () => {
  const file = 'Alpha;Beta;Gamma\nAda;Clerk;x\n';

  test.each([
    ['query parameters', `?${new URLSearchParams({ 'columns[name]': 'Alpha', 'columns[jobTitle]': 'Beta' })}`],
    ['JSON', `?${new URLSearchParams({ columns: '{"name":"Alpha","jobTitle":["Beta"],"unused":"Gamma"}' })}`],
  ])('as %s is used, and again for the next file with this header (R4)', async (_name, search) => {
    expect((await upload(world, file)).status).toBe(400);
    expect(await importFile(world, file, search)).toMatchObject({
      imported: 1,
      columns: [
        { column: 'Alpha', field: 'name' },
        { column: 'Beta', field: 'jobTitle' },
        { column: 'Gamma', field: null },
      ],
    });
    expect(await contacts()).toEqual([{ name: 'Ada', email: null }]);
    expect(await importFile(world, file)).toMatchObject({ imported: 0, unchanged: 1 });
    expect(await dryRun(file)).toMatchObject({ mappedBy: 'earlier' });
    expect((await upload(world, 'Alpha;Beta\nAda;Clerk\n')).status).toBe(400);
  });

  test('belongs to its tenant', async () => {
    await importFile(world, file, '?columns[name]=Alpha');
    const { keys } = await createTenant(world.connectionString);
    const headers = { 'content-type': 'text/csv' };
    const theirs = await ask(world, '/imports/contacts', { method: 'POST', headers, body: file, key: keys.all });
    expect(theirs.status).toBe(400);
  });

  test('replaces the remembered one', async () => {
    await importFile(world, 'Name;Wohin\nAda;ada@x.example\n', '?columns[email]=Wohin');
    const { columns } = await dryRun('Name;Wohin\nAda;ada@x.example\n', '&columns[company]=Wohin');
    expect(columns).toMatchObject([{ field: 'name' }, { field: 'company' }]);
  });

  test.each([
    [
      '?columns[email]=Nowhere',
      'body',
      expect.stringContaining('no column “Nowhere”. The columns found are “Name”, “Email”'),
    ],
    ['?columns[shoe]=Name', 'columns[shoe]', 'is not a known parameter'],
    ['?columns=[', 'columns', expect.stringContaining('must be JSON')],
    ['?columns={"shoe":"Name"}', 'columns', expect.stringContaining('an object with the fields id, name')],
  ])('%s is refused by name', async (search, field, message) => {
    const response = await upload(world, 'Name,Email\nAda,ada@x.example\n', search);
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ field, message }] }]);
  });
});

describe('rejected rows', () => {
  test('are all in a file with their reasons, which is imported after a correction (R22)', async () => {
    const bad = Array.from({ length: 600 }, (_, n) => `P${n},wrong ${n},+1 555 ${n}`).join('\n');
    const { id, imported, incomplete, rejected, rejections } = await importFile(
      world,
      `Name,Email,Phone\n${bad}\nGood,good@x.example,\nToo,many@x.example,1,cells\n`,
    );
    expect({ imported, incomplete, rejected, shown: rejections.length }).toEqual({
      ...{ imported: 601, incomplete: 600, rejected: 1, shown: 100 },
    });
    const text = await textOf(`/imports/${id}/rejected`);
    const lines = text.trimEnd().split('\r\n');
    expect(lines[0]).toBe('\uFEFFId,Name,Email,Phone,Row,Reason');
    expect(lines).toHaveLength(602);
    expect(lines[1]).toMatch(/^contact_\w+,P0,wrong 0,'\+1 555 0,2,"?email: is not an e-mail address/);
    expect(lines[601]).toMatch(/^,Too,many@x.example,1,603,has more cells than the header/);
    const mended = lines
      .slice(0, 601)
      .join('\r\n')
      .replace(/wrong (\d+)/g, 'right$1@x.example');
    expect(await importFile(world, mended)).toMatchObject({ imported: 0, updated: 600, rejected: 0 });
    expect(await countContacts(world)).toEqual({ all: 601, addresses: 601 });
  });

  test('of an import without any are a file with a header alone; of another tenant they are a 404', async () => {
    const { id } = await importFile(world, 'Name\nAda\n');
    expect(await textOf(`/imports/${id}/rejected`)).toBe('\uFEFFId,Name,Row,Reason\r\n');
    const { keys } = await createTenant(world.connectionString);
    expect((await ask(world, `/imports/${id}/rejected`, { key: keys.all })).status).toBe(404);
  });
});

describe('the list of imports', () => {
  test('has the newest first, in pages, with the status of each', async () => {
    const first = await importFile(world, 'Name\nAda\n');
    world.app.faults = { publish: ['down'] };
    const second = await begin(world, 'Name\nBob\n');
    const page = (await (await ask(world, '/imports?limit=1')).json()) as { items: ImportAnswer[]; nextCursor: string };
    expect(page.items).toMatchObject([{ id: second, imported: 0 }]);
    const next = await (await ask(world, `/imports?limit=1&cursor=${page.nextCursor}`)).json();
    expect(next).toMatchObject({ items: [{ id: first.id, status: 'done', imported: 1 }] });
    await minutes(world, 1, second);
  });
});

describe('a file in parts', () => {
  async function announce(parts: number, search = ''): Promise<string> {
    const response = await upload(world, '', `?parts=${parts}${search}`);
    const answer = (await response.json()) as ImportAnswer;
    expect([response.status, answer.status, answer.parts]).toEqual([202, 'uploading', parts]);
    return answer.id;
  }
  const send = (id: string, part: number, body: BodyInit, headers: Record<string, string> = {}) =>
    ask(world, `/imports/${id}/parts/${part}`, {
      method: 'PUT',
      headers: { 'content-type': 'text/csv', ...headers },
      body,
    });
  const start = (id: string) => ask(world, `/imports/${id}/start`, { method: 'POST' });
  const cut = (text: string, ...at: number[]) =>
    [0, ...at].map((from, index) => Buffer.from(text).subarray(from, at[index]));

  test('comes in any order, each part once or several times, and is imported after the start', async () => {
    const [one, two, three] = cut(fileOf(1200), 7, 20_001);
    const id = await announce(3);
    for (const [part, body] of [
      [3, three],
      [1, 'wrong'],
      [2, two],
      [1, one],
      [2, two],
    ] as const) {
      expect((await send(id, part, body as BodyInit)).status).toBe(200);
    }
    expect((await start(id)).status).toBe(202);
    await minutes(world, 5, id);
    expect(await look(world, id)).toMatchObject({ status: 'done', rows: 1200, imported: 1200, rejected: 0 });
    expect(await countContacts(world)).toEqual({ all: 1200, addresses: 1200 });
    expect(await world.query('SELECT part FROM import_pieces WHERE import_id = $1', [id])).toEqual([]);
  });

  test('may have gzip parts, and a part cut within a character and within a cell in quotes', async () => {
    const text = 'Name,Email\n"Zoé, the\nfirst",zoe@x.example\n';
    const [one, two] = cut(text, Buffer.from(text).indexOf(0xc3) + 1).map((part) => gzipSync(part));
    const id = await announce(2);
    for (const [index, part] of [one, two].entries()) {
      const answer = await send(id, index + 1, part as BodyInit, { 'content-encoding': 'gzip' });
      expect(answer.status).toBe(200);
    }
    await start(id);
    await minutes(world, 2, id);
    expect(await contacts()).toEqual([{ name: 'Zoé, the first', email: 'zoe@x.example' }]);
  });

  test('keeps its mapping and its charset', async () => {
    const response = await ask(world, '/imports/contacts?parts=1&columns[name]=Wer', {
      method: 'POST',
      headers: { 'content-type': 'text/csv; charset=windows-1252' },
      body: '',
    });
    const { id } = (await response.json()) as ImportAnswer;
    await send(id, 1, Buffer.from('Wer\nRené\n', 'latin1'));
    await start(id);
    await minutes(world, 2, id);
    expect(await contacts()).toEqual([{ name: 'René', email: null }]);
  });

  test('cannot start without all its parts, nor take parts that were not announced or come too late', async () => {
    const id = await announce(2);
    await send(id, 2, 'x');
    const early = await start(id);
    expect([early.status, await early.json()]).toMatchObject([
      409,
      { code: 'PARTS_MISSING', detail: 'Part 1 is missing' },
    ]);
    const other = await send(id, 3, 'x');
    expect([other.status, await other.json()]).toMatchObject([400, { errors: [{ field: 'part' }] }]);
    await send(id, 1, 'Name\nAda\n');
    expect((await start(id)).status).toBe(202);
    for (const late of [await send(id, 1, 'x'), await start(id)]) {
      expect([late.status, await late.json()]).toMatchObject([409, { code: 'IMPORT_NOT_UPLOADING' }]);
    }
    await minutes(world, 2, id);
  });

  test('that is no file of contacts is refused at the start', async () => {
    const id = await announce(1);
    await send(id, 1, 'Colour,Size\nred,1\n');
    const response = await start(id);
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'CSV_COLUMNS_UNKNOWN' }]);
    expect(await look(world, id)).toMatchObject({ status: 'uploading' });
  });

  test('without a row below its header fails with the reason', async () => {
    const id = await announce(1);
    await send(id, 1, 'Name,Email\n');
    await start(id);
    await minutes(world, 2, id);
    expect(await look(world, id)).toMatchObject({
      ...{ status: 'failed', failure: 'The file has no rows below its header', rows: 0 },
    });
  });

  test('belongs to its tenant', async () => {
    const id = await announce(1);
    const { keys } = await createTenant(world.connectionString);
    const headers = { 'content-type': 'text/csv' };
    const init = { method: 'PUT', headers, body: 'Name\nAda\n', key: keys.all };
    expect((await ask(world, `/imports/${id}/parts/1`, init)).status).toBe(404);
    expect((await ask(world, `/imports/${id}/start`, { method: 'POST', key: keys.all })).status).toBe(404);
  });
});

describe('gzip', () => {
  const send = (body: BodyInit, coding = 'gzip') =>
    ask(world, '/imports/contacts', {
      method: 'POST',
      headers: { 'content-type': 'text/csv', 'content-encoding': coding },
      body,
    });

  test('is undone', async () => {
    const response = await send(gzipSync(fileOf(3)));
    const { id, rows } = (await response.json()) as ImportAnswer;
    expect([response.status, rows]).toEqual([202, 3]);
    await minutes(world, 2, id);
    expect(await look(world, id)).toMatchObject({ status: 'done', imported: 3 });
  });

  test('of several members is undone as a whole, also in a part', async () => {
    const members = [0, 1, 2].map((at) =>
      gzipSync(fileOf(100, { from: at * 100 }).slice(at ? fileOf(0).length - 1 : 0)),
    );
    const response = await send(Buffer.concat(members));
    const { id, rows } = (await response.json()) as ImportAnswer;
    expect([response.status, rows]).toEqual([202, 300]);
    await minutes(world, 2, id);
    expect(await look(world, id)).toMatchObject({ status: 'done', rows: 300, imported: 300 });

    const announced = await ask(world, '/imports/contacts?parts=1', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: '',
    });
    const { id: other } = (await announced.json()) as ImportAnswer;
    const headers = { 'content-type': 'text/csv', 'content-encoding': 'gzip' };
    const body = Buffer.concat([gzipSync('Name,Email\nPart,p'), gzipSync('art@x.example\n')]);
    expect((await ask(world, `/imports/${other}/parts/1`, { method: 'PUT', headers, body })).status).toBe(200);
    expect((await ask(world, `/imports/${other}/start`, { method: 'POST' })).status).toBe(202);
    await minutes(world, 2, other);
    expect(await contacts()).toContainEqual({ name: 'Part', email: 'part@x.example' });
  });

  test('of a file of more than 5 MiB is read by the job', async () => {
    const filler = 'x'.repeat(6000);
    const file = `${fileOf(1000).replace('e-mail', 'e-mail,filler').replaceAll('.com,', `.com,${filler},`)}`;
    const response = await send(gzipSync(file.replaceAll('e-mail,filler', 'e-mail,filler')));
    const { id } = (await response.json()) as ImportAnswer;
    expect(response.status).toBe(202);
    await minutes(world, 40, id);
    expect(await look(world, id)).toMatchObject({ status: 'done', rows: 1000, imported: 1000 });
  });

  test.each([
    [
      'too large without gzip',
      () => gzipSync(`name\n${'x\n'.repeat(11 * 1024 * 1024)}`),
      'gzip',
      413,
      'BODY_TOO_LARGE',
    ],
    ['not gzip', () => 'Name\nAda\n', 'gzip', 400, 'MALFORMED_BODY'],
    ['cut off', () => gzipSync(fileOf(300)).subarray(0, 600), 'gzip', 400, 'MALFORMED_BODY'],
    [
      'with a second member that is cut off',
      () => Buffer.concat([gzipSync(fileOf(3)), gzipSync(fileOf(300)).subarray(0, 600)]),
      'gzip',
      400,
      'MALFORMED_BODY',
    ],
    [
      'with other bytes after its last member',
      () => Buffer.concat([gzipSync(fileOf(3)), Buffer.from('Name\nAda\n')]),
      'gzip',
      400,
      'MALFORMED_BODY',
    ],
    [
      'too large only with all of its members',
      () => Buffer.concat(Array.from({ length: 11 }, () => gzipSync(`name\n${'x\n'.repeat(1024 * 1024)}`))),
      'gzip',
      413,
      'BODY_TOO_LARGE',
    ],
    ['empty', () => '', 'gzip', 400, 'MALFORMED_BODY'],
    ['of another coding', () => 'Name\nAda\n', 'br', 415, 'UNSUPPORTED_CONTENT_ENCODING'],
  ])('%s is refused', async (_name, body, coding, status, code) => {
    const response = await send(body() as BodyInit, coding);
    expect([response.status, await response.json()]).toMatchObject([status, { code }]);
  });
});
