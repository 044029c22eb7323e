/** Custom fields over HTTP: definitions, values of every type in writes and answers, and the caches that show them. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { costOf } from '../../support/app.ts';
import { createInstance, type Instance, write } from '../../support/instance.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { problemOf } from '../http/problem.ts';

let tenant: OwnTenant;
let here: Instance;
let there: Instance;
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  [here, there] = await Promise.all([createInstance({ tenant }), createInstance({ tenant })]);
  // The isolates send the scripts once, so that later requests can be counted.
  for (const instance of [here, there]) {
    const { id } = await write(instance, 'POST', '/contacts', { name: 'Warm' });
    await instance.request(`/contacts/${id}`);
  }
});
beforeEach(() => sql(inject('cloud').postgres.url, 'DELETE FROM custom_fields WHERE tenant_id = $1', [tenant.id]));
afterAll(() => Promise.all([here.close(), there.close()]));

interface Item {
  id: string;
  custom: Record<string, unknown>;
}
const PATHS = { contact: '/contacts', company: '/companies', deal: '/deals' } as const;
type Kind = keyof typeof PATHS;
const KINDS = Object.keys(PATHS) as Kind[];
const BODIES = { contact: { name: 'Ada' }, company: { name: 'Alga' }, deal: { title: 'Nets', value: '1.00' } } as const;

const define = (kind: Kind, key: string, type = 'text', more: object = {}) =>
  write<{ id: string; key: string }>(here, 'POST', '/custom-fields', { kind, key, name: `The ${key}`, type, ...more });
const add = (kind: Kind, custom?: Record<string, unknown>) =>
  write<Item>(here, 'POST', PATHS[kind], { ...BODIES[kind], ...(custom ? { custom } : {}) });
const get = async (path: string, instance = there) => {
  const response = await instance.request(path);
  expect(response.status, path).toBe(200);
  return {
    item: (await response.json()) as Item & { items: Item[] },
    cache: response.headers.get('x-cache'),
    response,
  };
};
const refused = async (response: Response) => {
  const { status, code, errors = [] } = await problemOf(response, 'refused');
  return [status, code, ...errors.map(({ field }) => field)];
};
const ask = (instance: Instance, method: string, path: string, json?: unknown, headers: Record<string, string> = {}) =>
  instance.request(path, { method, headers, ...(json === undefined ? {} : { json }) });

describe.each(KINDS)('values of a %s', (kind) => {
  test('are stored in their normal form, shown by key, merged by PATCH and removed by null', async () => {
    await define(kind, 'region');
    await define(kind, 'seats', 'number');
    await define(kind, 'renewal', 'date');
    await define(kind, 'vip', 'boolean');
    await define(kind, 'size', 'choice', { options: ['S', 'M', 'Größe L'] });
    await define(kind, 'site', 'url');
    const given = {
      region: '  Zu\u0308rich  See ',
      seats: 12.5,
      renewal: '2027-01-31',
      vip: false,
      size: 'Gro\u0308ße L',
      site: 'HTTPS://Example.com/a b'.replace(' ', '%20'),
    };
    const shown = {
      region: 'Z\u00fcrich See',
      seats: 12.5,
      renewal: '2027-01-31',
      vip: false,
      size: 'Größe L',
      site: 'https://example.com/a%20b',
    };
    const { id, custom } = await add(kind, given);
    expect(custom).toEqual(shown);
    const path = `${PATHS[kind]}/${id}`;
    expect((await get(path)).item.custom).toEqual(shown);
    const patched = await write<Item>(here, 'PATCH', path, { custom: { vip: true, region: null } });
    const { region: _region, ...rest } = { ...shown, vip: true };
    expect(patched.custom).toEqual(rest);
    expect((await get(path)).item.custom).toEqual(rest);
    const list = (await get(`${PATHS[kind]}?limit=1`)).item.items;
    expect(list[0]).toMatchObject({ id, custom: rest });
  });

  test('of a wrong type, of an unknown field and too many are refused by name, and nothing is written', async () => {
    await define(kind, 'seats', 'number');
    await define(kind, 'size', 'choice', { options: ['S'] });
    const { id } = await add(kind, { seats: 1 });
    const path = `${PATHS[kind]}/${id}`;
    const custom = { seats: '2', size: 'XL', colour: 'red' };
    for (const response of [
      await ask(here, 'PATCH', path, { custom }),
      await ask(here, 'POST', PATHS[kind], { ...BODIES[kind], custom }),
    ]) {
      const names = ['custom.seats', 'custom.size', 'custom.colour'];
      expect(await refused(response)).toEqual([400, 'VALIDATION_FAILED', ...names]);
    }
    expect(await refused(await ask(here, 'PATCH', path, { custom: ['x'] }))).toEqual([
      400,
      'VALIDATION_FAILED',
      'custom',
    ]);
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, 1]));
    expect(await refused(await ask(here, 'PATCH', path, { custom: many }))).toEqual([
      400,
      'VALIDATION_FAILED',
      'custom',
    ]);
    expect((await get(path)).item.custom).toEqual({ seats: 1 });
  });

  test('change the ETag, and obey If-Match', async () => {
    await define(kind, 'region');
    const { id } = await add(kind, { region: 'North' });
    const path = `${PATHS[kind]}/${id}`;
    const etag = (await get(path)).response.headers.get('etag') ?? '';
    const changed = await ask(here, 'PATCH', path, { custom: { region: 'South' } }, { 'if-match': etag });
    expect(changed.status).toBe(200);
    const late = await ask(there, 'PATCH', path, { custom: { region: 'West' } }, { 'if-match': etag });
    expect(late.status).toBe(412);
    expect(await late.json()).toMatchObject({ current: { custom: { region: 'South' } } });
    const { response } = await get(path);
    expect(response.headers.get('etag')).toBe(changed.headers.get('etag'));
  });

  test('filter lists by text, number, boolean and choice, together with other filters and with a cursor', async () => {
    const region = await define(kind, 'region');
    await define(kind, 'seats', 'number');
    await define(kind, 'vip', 'boolean');
    const north = [];
    for (const n of [1, 2, 3]) north.push((await add(kind, { region: 'North', seats: n / 2, vip: n === 2 })).id);
    const south = await add(kind, { region: 'South', seats: 0.5 });
    await add(kind);
    const idsOf = async (filter: string) => (await get(`${PATHS[kind]}?${filter}`)).item.items.map(({ id }) => id);
    expect(await idsOf('custom.region=North')).toEqual(north.toReversed());
    expect(await idsOf('custom.region=North&limit=2')).toEqual(north.toReversed().slice(0, 2));
    expect(await idsOf(`custom.region=North&cursor=${north[1]}`)).toEqual([north[0]]);
    expect(await idsOf('custom.seats=0.5')).toEqual([south.id, north[0]]);
    expect(await idsOf('custom.vip=true&custom.region=North')).toEqual([north[1]]);
    expect(await idsOf('custom.vip=true&custom.region=South')).toEqual([]);
    await write(here, 'PATCH', `${PATHS[kind]}/${south.id}`, { custom: { region: 'North' } });
    expect(await idsOf('custom.region=North')).toEqual([south.id, ...north.toReversed()]);
    // A renamed key changes no row.
    await write(here, 'PATCH', `/custom-fields/${region.id}`, { key: 'area' });
    expect(await idsOf('custom.area=North')).toHaveLength(4);
    expect(await refused(await there.request(`${PATHS[kind]}?custom.region=North`))).toEqual([
      400,
      'VALIDATION_FAILED',
      'custom.region',
    ]);
  });

  test.each([
    ['custom.none', 'custom.none=1'],
    ['custom.seats', 'custom.seats=many'],
    ['custom.seats', 'custom.seats=1&custom.seats=2'],
    ['custom.seats', 'custom.seats='],
    ['custom.A', 'custom.A=1'],
    ['colour', 'colour=red'],
    ['custom.a', 'custom.a=1&custom.b=1&custom.c=1&custom.d=1&custom.e=1&custom.f=1'],
  ])('a filter is refused with the name %s: %s', async (name, filter) => {
    await define(kind, 'seats', 'number');
    expect(await refused(await here.request(`${PATHS[kind]}?${filter}`))).toEqual([400, 'VALIDATION_FAILED', name]);
  });
});

describe('a definition', () => {
  test('is listed by kind, found by id, changed with conditions, and its writes are in the audit trail', async () => {
    const field = await define('deal', 'size', 'choice', { options: ['S', 'M'] });
    await define('contact', 'size');
    const path = `/custom-fields/${field.id}`;
    const first = await get(path);
    expect(first.item).toMatchObject({
      kind: 'deal',
      key: 'size',
      name: 'The size',
      type: 'choice',
      options: ['S', 'M'],
    });
    expect((await get('/custom-fields?kind=deal')).item.items.map(({ id }) => id)).toEqual([field.id]);
    expect((await get('/custom-fields')).item.items).toHaveLength(2);
    const etag = first.response.headers.get('etag') ?? '';
    expect((await ask(here, 'PATCH', path, { options: ['S', 'L'] }, { 'if-match': etag })).status).toBe(200);
    expect((await ask(here, 'PATCH', path, { options: ['S'] }, { 'if-match': etag })).status).toBe(412);
    expect((await get(path)).item).toMatchObject({ options: ['S', 'L'] });
    expect((await ask(here, 'DELETE', path)).status).toBe(204);
    expect((await there.request(path)).status).toBe(404);
    expect((await ask(here, 'DELETE', path)).status).toBe(404);
    const entries = await sql(
      inject('cloud').postgres.url,
      'SELECT action FROM audit_entries WHERE tenant_id = $1 AND entity_id = $2 ORDER BY id',
      [tenant.id, field.id],
    );
    expect(entries.map((entry) => entry['action'])).toEqual(['field.created', 'field.updated', 'field.deleted']);
  });

  test.each([
    ['key', { key: 'Region' }],
    ['key', { key: '1st' }],
    ['kind', { kind: 'task' }],
    ['type', { type: 'json' }],
    ['options', { type: 'choice' }],
    ['options', { options: ['S'] }],
    ['options', { type: 'choice', options: ['S', 'S'] }],
    ['options', { type: 'choice', options: [] }],
    ['name', { name: ' ' }],
  ])('is refused with a wrong %s', async (field, wrong) => {
    const body = { kind: 'deal', key: 'region', name: 'Region', type: 'text', ...wrong };
    expect(await refused(await ask(here, 'POST', '/custom-fields', body))).toEqual([400, 'VALIDATION_FAILED', field]);
  });

  test('has a key of its own within its kind, and cannot change its type', async () => {
    const { id } = await define('deal', 'region');
    await define('company', 'region');
    const again = await ask(here, 'POST', '/custom-fields', { kind: 'deal', key: 'region', name: 'R', type: 'text' });
    expect(await refused(again)).toEqual([409, 'ALREADY_EXISTS', 'key']);
    const other = await define('deal', 'other');
    const renamed = await ask(here, 'PATCH', `/custom-fields/${other.id}`, { key: 'region' });
    expect(await refused(renamed)).toEqual([409, 'ALREADY_EXISTS', 'key']);
    expect(await refused(await ask(here, 'PATCH', `/custom-fields/${id}`, { name: 'R', type: 'number' }))).toEqual([
      400,
      'VALIDATION_FAILED',
      'type',
    ]);
    expect(await refused(await ask(here, 'PATCH', `/custom-fields/${id}`, { options: ['S'] }))).toEqual([
      400,
      'VALIDATION_FAILED',
      'options',
    ]);
  });

  test('is one of at most 50 of its kind, also when writers add at the same time', async () => {
    await sql(
      inject('cloud').postgres.url,
      `INSERT INTO custom_fields (tenant_id, id, kind, key, name, type, updated_at)
       SELECT $1, 'field_' || n, 'deal', 'k' || n, 'K', 'text', now() FROM generate_series(1, 48) AS n`,
      [tenant.id],
    );
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        ask(n % 2 ? here : there, 'POST', '/custom-fields', { kind: 'deal', key: `x${n}`, name: 'X', type: 'text' }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 409, 409]);
    await define('contact', 'k1');
  });

  test('is written by administrators only, and read by every reader', async () => {
    const { id } = await define('deal', 'region');
    const key = tenant.keys.readOnly;
    expect((await here.request('/custom-fields', { key })).status).toBe(200);
    const body = { kind: 'deal', key: 'x', name: 'X', type: 'text' };
    expect((await here.request('/custom-fields', { key, method: 'POST', json: body })).status).toBe(403);
    const other = await createTenant(inject('cloud').postgres.url);
    expect((await here.request(`/custom-fields/${id}`, { key: other.keys.all })).status).toBe(404);
    expect((await here.request(`/custom-fields/${id}`, { key: other.keys.all, method: 'DELETE' })).status).toBe(404);
    const foreign = {
      method: 'POST',
      json: { title: 'Nets', value: '1.00', custom: { region: 'x' } },
      key: other.keys.all,
    };
    expect(await refused(await here.request('/deals', foreign))).toEqual([400, 'VALIDATION_FAILED', 'custom.region']);
  });
});

describe('a changed definition', () => {
  test('ends every cached value that shows rows of its kind, on every instance', async () => {
    const field = await define('contact', 'region');
    const company = await write(here, 'POST', '/companies', { name: 'Alga' });
    const contact = await write<Item>(here, 'POST', '/contacts', {
      name: 'Ada',
      companyId: company.id,
      custom: { region: 'North' },
    });
    const paths = [
      `/contacts/${contact.id}`,
      `/contacts/${contact.id}/full`,
      `/contacts?companyId=${company.id}`,
      '/contacts?limit=1',
      `/companies/${company.id}/full`,
    ];
    const shownAt = async (path: string) => {
      const { item, cache } = await get(path);
      const [found] = 'contacts' in item ? (item['contacts'] as Item[]) : (item.items ?? [item]);
      return { custom: found?.custom, cache };
    };
    for (const path of paths) {
      expect(await shownAt(path), path).toMatchObject({ custom: { region: 'North' } });
      expect(await shownAt(path), path).toMatchObject({ cache: 'HIT' });
    }
    await write(here, 'PATCH', `/custom-fields/${field.id}`, { key: 'area' });
    for (const path of paths) expect(await shownAt(path), path).toEqual({ custom: { area: 'North' }, cache: 'MISS' });
    await write(here, 'DELETE', `/custom-fields/${field.id}`);
    for (const path of paths) expect(await shownAt(path), path).toEqual({ custom: {}, cache: 'MISS' });
  });

  test('that was deleted gives no values to a later field with its key, and a write removes them from the row', async () => {
    const field = await define('deal', 'region');
    const { id } = await add('deal', { region: 'North' });
    await write(here, 'DELETE', `/custom-fields/${field.id}`);
    const later = await define('deal', 'region');
    expect((await get(`/deals/${id}`)).item.custom).toEqual({});
    await write(here, 'PATCH', `/deals/${id}`, { custom: { region: 'South' } });
    const [row] = await sql<{ custom: object }>(
      inject('cloud').postgres.url,
      'SELECT custom FROM deals WHERE tenant_id = $1 AND id = $2',
      [tenant.id, id],
    );
    expect(row?.custom).toEqual({ [later.id]: 'South' });
    const values = await sql(
      inject('cloud').postgres.url,
      'SELECT field_id, value FROM deal_values WHERE tenant_id = $1 AND row_id = $2',
      [tenant.id, id],
    );
    expect(values).toEqual([{ field_id: later.id, value: 'South' }]);
  });

  test('keeps values of an option that is gone, and refuses new ones', async () => {
    const field = await define('deal', 'size', 'choice', { options: ['S', 'M'] });
    const { id } = await add('deal', { size: 'M' });
    await write(here, 'PATCH', `/custom-fields/${field.id}`, { options: ['S'] });
    expect((await get(`/deals/${id}`)).item.custom).toEqual({ size: 'M' });
    expect(await refused(await ask(here, 'PATCH', `/deals/${id}`, { custom: { size: 'M' } }))).toEqual([
      400,
      'VALIDATION_FAILED',
      'custom.size',
    ]);
  });
});

describe('costs', () => {
  test('rows without values cost nothing more; rows with values cost one statement at a miss, and none at a hit', async () => {
    await define('contact', 'region');
    const plain = await add('contact');
    const valued = await add('contact', { region: 'North' });
    const costAt = async (path: string) => costOf((await get(path)).response);
    expect(await costAt(`/contacts/${plain.id}`)).toEqual({ redis: '3 requests, 5 commands', db: '1 query' });
    expect(await costAt(`/contacts/${valued.id}`)).toEqual({ redis: '3 requests, 5 commands', db: '2 queries' });
    expect(await costAt(`/contacts/${valued.id}`)).toEqual({ redis: '1 request, 3 commands', db: '0 queries' });
    // The definitions for the filter, the page, and the definitions for its values.
    expect(await costAt('/contacts?custom.region=North')).toEqual({ redis: '3 requests, 5 commands', db: '3 queries' });
    const change = (id: string, json: object) => ask(here, 'PATCH', `/contacts/${id}`, json).then(costOf);
    const without = await change(plain.id, { jobTitle: 'x' });
    const queries = Number.parseInt(without['db'] ?? '', 10);
    expect(await change(plain.id, { custom: { region: 'South' } })).toEqual({
      ...without,
      db: `${queries + 1} queries`,
    });
    expect(await change(plain.id, { custom: { region: 'West' } })).toEqual({
      ...without,
      db: `${queries + 1} queries`,
    });
  });
});

test('a deleted row takes its values with it', async () => {
  await define('contact', 'region');
  const { id } = await add('contact', { region: 'North' });
  await write(here, 'DELETE', `/contacts/${id}`);
  expect((await get('/contacts?custom.region=North')).item.items).toEqual([]);
  const left = await sql(inject('cloud').postgres.url, 'SELECT 1 FROM contact_values WHERE row_id = $1', [id]);
  expect(left).toEqual([]);
});
