/** Custom fields in work of jobs: columns of exports, the purge of a deleted field, and the search of values. */
import Papa from 'papaparse';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { ask, rest } from './transfers.ts';

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
});
afterAll(() => world.close());

const send = async (method: string, path: string, json?: object) => {
  const response = await ask(world, path, { method, ...(json ? { json } : {}) });
  const text = await response.text();
  expect(response.status, text).toBeLessThan(300);
  return (text === '' ? {} : JSON.parse(text)) as { id: string };
};
const define = (key: string, type = 'text', name = `The ${key}`) =>
  send('POST', '/custom-fields', { kind: 'contact', key, name, type });
const found = async (text: string) => {
  const answer = (await (await ask(world, `/search?q=${encodeURIComponent(text)}`)).json()) as {
    items: { id: string }[];
  };
  return answer.items.map(({ id }) => id);
};

test('an export has a column for each field, with the values of each row', async () => {
  await define('region');
  await define('vip', 'boolean');
  const seats = await define('seats', 'number', 'Seats, booked');
  await send('POST', '/contacts', { name: 'Ada', custom: { region: '=North', seats: 12.5, vip: false } });
  await send('POST', '/contacts', { name: 'Bob' });
  const response = await ask(world, '/exports/contacts', { method: 'POST' });
  const path = response.headers.get('location') ?? expect.fail('no location');
  const status = async () => ((await (await ask(world, path)).json()) as { status: string }).status;
  await rest(world, async () => (await status()) === 'done');
  const file = await (await ask(world, `${path}/file`)).text();
  const rows = Papa.parse<Record<string, string>>(file, { header: true, skipEmptyLines: true, newline: '\r\n' }).data;
  const ours = rows.filter((row) => ['Ada', 'Bob'].includes(row['Name'] ?? ''));
  expect(ours.map((row) => [row['Name'], row['The region'], row['The vip'], row['Seats, booked']])).toEqual([
    ['Ada', "'=North", 'false', '12.5'],
    ['Bob', '', '', ''],
  ]);
  await send('DELETE', `/custom-fields/${seats.id}`);
});

test('an export has only the rows with the values of its filter, whose field may get another key meanwhile', async () => {
  const kinds = [
    { kind: 'contact', path: 'contacts', column: 'Name', fields: { name: 'Here' } },
    { kind: 'company', path: 'companies', column: 'Name', fields: { name: 'Here' } },
    { kind: 'deal', path: 'deals', column: 'Title', fields: { title: 'Here', value: '1' } },
  ];
  for (const { kind, path, column, fields } of kinds) {
    const field = await send('POST', '/custom-fields', { kind, key: 'dock', name: 'Dock', type: 'number' });
    await send('POST', `/${path}`, { ...fields, custom: { dock: 7 } });
    await send('POST', `/${path}`, { ...fields, custom: { dock: 8 } });
    await send('POST', `/${path}`, fields);
    for (const [filter, error] of [
      ['custom.dock=seven', 'custom.dock'],
      ['custom.pier=7', 'custom.pier'],
    ]) {
      const refused = await ask(world, `/exports/${path}?${filter}`, { method: 'POST' });
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ errors: [{ field: error }] });
    }
    const made = await ask(world, `/exports/${path}?search=here&custom.dock=7`, { method: 'POST' });
    expect(made.status).toBe(202);
    const location = made.headers.get('location') ?? expect.fail('no location');
    await send('PATCH', `/custom-fields/${field.id}`, { key: 'berth' });
    const status = async () => ((await (await ask(world, location)).json()) as { status: string }).status;
    await rest(world, async () => (await status()) === 'done');
    const text = await (await ask(world, `${location}/file`)).text();
    const { data } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true, newline: '\r\n' });
    expect(data.map((row) => [row[column], row['Dock']])).toEqual([['Here', '7']]);
  }
});

test('a search finds rows by their values, and a filter beside it finds all of them', async () => {
  await define('motto');
  const ids: string[] = [];
  for (const motto of ['Per aspera', 'Ad astra', 'Ad astra']) {
    ids.push((await send('POST', '/contacts', { name: 'Kepler', custom: { motto } })).id);
  }
  expect(await found('aspera')).toEqual([ids[0]]);
  const path = '/contacts?search=kep&custom.motto=Ad%20astra&limit=1';
  const first = (await (await ask(world, path)).json()) as { items: { id: string }[]; nextCursor: string };
  expect(first.items.map(({ id }) => id)).toEqual([ids[2]]);
  const next = (await (await ask(world, `${path}&cursor=${first.nextCursor}`)).json()) as typeof first;
  expect(next.items.map(({ id }) => id)).toEqual([ids[1]]);
});

test('a job removes the values of a deleted field from the rows, and the search forgets them', async () => {
  const { id: fieldId } = await define('badge');
  const { id } = await send('POST', '/contacts', { name: 'Tycho', custom: { badge: 'uraniborg' } });
  await world.query(
    `INSERT INTO contacts (tenant_id, id, name, custom, updated_at)
     SELECT $1, 'contact_purge' || n, 'Many', jsonb_build_object($2::text, 'stjerneborg'), now()
     FROM generate_series(1, 1100) AS n`,
    [world.tenant.id, fieldId],
  );
  expect(await found('uraniborg')).toEqual([id]);
  await send('DELETE', `/custom-fields/${fieldId}`);
  const left = async () => {
    const [row] = await world.query('SELECT count(*)::int AS rows FROM contact_values WHERE field_id = $1', [fieldId]);
    return row?.['rows'];
  };
  await rest(world, async () => (await left()) === 0);
  expect(await left()).toBe(0);
  const rows = await world.query('SELECT 1 FROM contacts WHERE tenant_id = $1 AND custom ? $2', [
    world.tenant.id,
    fieldId,
  ]);
  expect(rows).toEqual([]);
  expect(await found('uraniborg')).toEqual([]);
});
