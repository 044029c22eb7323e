/** R5: conditional writes: ETags of answers, `If-Match`, `If-None-Match`, `If-Unmodified-Since` (RFC 9110, section 13). */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { costOf } from '../../support/app.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';
import { addUser } from './world.ts';

let tenant: OwnTenant;
let one: Instance;
let two: Instance;
let user: string;
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  [one, two] = await Promise.all([createInstance({ tenant }), createInstance({ tenant })]);
  user = await addUser(tenant, `user_${tenant.id}`, 'Ada');
});
afterAll(() => Promise.all([one.close(), two.close()]));

type Row = Record<string, unknown> & { id: string; updatedAt: string };
interface Asked {
  status: number;
  etag: string | null;
  body: Row & { code?: string; current?: Row; errors?: unknown };
}

async function ask(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  json?: unknown,
  headers: Record<string, string> = {},
  instance = one,
): Promise<Asked> {
  const response = await instance.request(path, { method, headers, ...(json === undefined ? {} : { json }) });
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as Asked['body'];
  return { status: response.status, etag: response.headers.get('etag'), body };
}
const addContact = (name = 'Ada') => ask('POST', '/contacts', { name });

/** Each resource with a way to add a row and a change. */
const resources = [
  { plural: 'companies', fields: { name: 'Alga' }, change: { city: 'Brest' } },
  { plural: 'contacts', fields: { name: 'Ada', email: 'ada@alga.example' }, change: { jobTitle: 'Editor' } },
  {
    plural: 'deals',
    fields: { title: 'Reef', value: '12.50' },
    change: { value: '13', expectedCloseDate: '2027-01-02' },
  },
  { plural: 'projects', fields: { name: 'Kelp' }, change: { description: 'Green' } },
  { plural: 'tasks', fields: { title: 'Dive' }, change: { dueDate: '2027-01-02' } },
];

describe.each(resources)('$plural', ({ plural, fields, change }) => {
  test('have the ETag of GET in the answers to their writes', async () => {
    const added = await ask('POST', `/${plural}`, fields);
    const path = `/${plural}/${added.body.id}`;
    expect(added.status, JSON.stringify(added.body)).toBe(201);
    expect(added.etag).toMatch(/^"[\w-]{27}"$/);
    expect(await ask('GET', path)).toMatchObject({ status: 200, etag: added.etag });
    const changed = await ask('PATCH', path, change);
    expect(changed.etag).not.toBe(added.etag);
    expect(await ask('GET', path, undefined, {}, two)).toMatchObject({ status: 200, etag: changed.etag });
  });

  test('let the first of two editors write, and answer the second one with 412 and the current state', async () => {
    const { etag, body } = await ask('POST', `/${plural}`, fields);
    const path = `/${plural}/${body.id}`;
    const first = await ask('PATCH', path, change, { 'if-match': etag ?? '' });
    expect(first.status).toBe(200);
    const second = await ask('PATCH', path, change, { 'if-match': etag ?? '' }, two);
    expect(second).toMatchObject({
      status: 412,
      etag: first.etag,
      body: { code: 'PRECONDITION_FAILED', current: first.body, errors: [{ field: 'if-match' }] },
    });
    const again = await ask('PATCH', path, change, { 'if-match': second.etag ?? '' }, two);
    expect(again.status).toBe(200);
    expect(await ask('DELETE', path, undefined, { 'if-match': first.etag ?? '' })).toMatchObject({
      status: 412,
      body: { current: again.body },
    });
    expect((await ask('DELETE', path, undefined, { 'if-match': again.etag ?? '' })).status).toBe(204);
  });
});

test('users, and the own account at /me, obey If-Match', async () => {
  const path = `/users/${user}`;
  const { etag } = await ask('GET', path);
  const renamed = await ask('PATCH', path, { name: 'Ada L' }, { 'if-match': etag ?? '' });
  expect(renamed.status, JSON.stringify(renamed.body)).toBe(200);
  expect(await ask('GET', path)).toMatchObject({ etag: renamed.etag });
  expect(await ask('PATCH', path, { name: 'Ada M' }, { 'if-match': etag ?? '' })).toMatchObject({
    status: 412,
    body: { current: { name: 'Ada L' } },
  });
});

test('webhooks have the ETag of GET, which shows no secret, and obey If-Match', async () => {
  const added = await ask('POST', '/webhooks', { url: 'https://hooks.example.com/crm', events: ['*'] });
  expect(added.status, JSON.stringify(added.body)).toBe(201);
  const path = `/webhooks/${added.body.id}`;
  const { secret: _secret, ...shown } = added.body;
  expect(await ask('GET', path)).toEqual({ status: 200, etag: added.etag, body: shown });
  const changed = await ask('PATCH', path, { disabled: true }, { 'if-match': added.etag ?? '' });
  expect(changed.status, JSON.stringify(changed.body)).toBe(200);
  expect((await ask('GET', path)).etag).toBe(changed.etag);
  for (const method of ['PATCH', 'DELETE'] as const) {
    const json = method === 'PATCH' ? { disabled: false } : undefined;
    expect(await ask(method, path, json, { 'if-match': added.etag ?? '' }, two)).toMatchObject({
      ...{ status: 412, etag: changed.etag },
      body: { code: 'PRECONDITION_FAILED', current: changed.body },
    });
  }
  expect((await ask('DELETE', path, undefined, { 'if-match': changed.etag ?? '' })).status).toBe(204);
  expect((await ask('GET', path)).status).toBe(404);
});

test('the settings of the tenant obey If-Match', async () => {
  const { etag } = await ask('GET', '/tenant');
  const changed = await ask('PATCH', '/tenant', { timeZone: 'Asia/Tokyo' }, { 'if-match': etag ?? '' });
  expect(changed.status, JSON.stringify(changed.body)).toBe(200);
  expect((await ask('GET', '/tenant', undefined, {}, two)).etag).toBe(changed.etag);
  expect(await ask('PATCH', '/tenant', { timeZone: null }, { 'if-match': etag ?? '' }, two)).toMatchObject({
    ...{ status: 412, etag: changed.etag },
    body: { current: changed.body },
  });
  expect((await ask('PATCH', '/tenant', { timeZone: null })).status).toBe(200);
});

test('a membership is only added with If-None-Match: *, and only changed and removed with If-Match', async () => {
  const project = await ask('POST', '/projects', { name: 'Kelp' });
  const path = `/projects/${project.body.id}/members/${user}`;
  const put = (role: string, headers: Record<string, string>) => ask('PUT', path, { role }, headers);
  expect(await put('viewer', { 'if-match': '*' })).toMatchObject({ status: 412, etag: null, body: { current: null } });
  const added = await put('viewer', { 'if-none-match': '*' });
  expect(added.status, JSON.stringify(added.body)).toBe(200);
  expect(await put('lead', { 'if-none-match': '*' })).toMatchObject({
    status: 412,
    etag: added.etag,
    body: { current: { role: 'viewer' } },
  });
  const changed = await put('lead', { 'if-match': added.etag ?? '' });
  expect(changed).toMatchObject({ status: 200, body: { role: 'lead' } });
  expect((await ask('DELETE', path, undefined, { 'if-match': added.etag ?? '' })).status).toBe(412);
  expect((await ask('DELETE', path, undefined, { 'if-match': changed.etag ?? '' })).status).toBe(204);
  expect((await ask('DELETE', path, undefined, { 'if-match': changed.etag ?? '' })).status).toBe(404);
});

describe('If-Match', () => {
  test.each([
    ['*', () => '*'],
    ['the current ETag', (etag: string) => etag],
    ['the current ETag that a proxy made weak', (etag: string) => `W/${etag}`],
    ['a list with the current ETag', (etag: string) => `"a", ,W/"b,c",${etag}`],
  ])('accepts %s', async (_what, header) => {
    const { etag, body } = await addContact();
    const written = await ask('PATCH', `/contacts/${body.id}`, { phone: '1' }, { 'if-match': header(etag ?? '') });
    expect(written.status).toBe(200);
  });

  test.each([...['', 'nonsense', 'abc"', '"a" "b"', 'w/"a"', '"a', '"*", *', '*, "a"', 'W/', '"a\tb"', ',']])(
    'is refused by name if it is %j',
    async (header) => {
      const { body } = await addContact();
      const path = `/contacts/${body.id}`;
      for (const [method, json] of [
        ['PATCH', { phone: '1' }],
        ['DELETE', undefined],
      ] as const) {
        expect(await ask(method, path, json, { 'if-match': header })).toMatchObject({
          status: 400,
          body: { code: 'VALIDATION_FAILED', errors: [{ field: 'if-match' }] },
        });
      }
    },
  );

  test('changes nothing about a row that does not exist, or a body that is not valid', async () => {
    const { body } = await addContact();
    expect(await ask('PATCH', '/contacts/contact_none', { phone: '1' }, { 'if-match': '"a"' })).toMatchObject({
      status: 404,
    });
    expect(await ask('PATCH', `/contacts/${body.id}`, { phone: 1 }, { 'if-match': '"a"' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'phone' }] },
    });
  });
});

test('If-None-Match: * refuses a write of an existing row, and another ETag does not', async () => {
  const { body, etag } = await addContact();
  const path = `/contacts/${body.id}`;
  expect(await ask('PATCH', path, { phone: '1' }, { 'if-none-match': '*' })).toMatchObject({
    status: 412,
    etag,
    body: { errors: [{ field: 'if-none-match' }] },
  });
  expect((await ask('PATCH', path, { phone: '1' }, { 'if-none-match': '"a"' })).status).toBe(200);
});

describe('If-Unmodified-Since', () => {
  const at = (text: string, seconds: number) => new Date(Date.parse(text) + seconds * 1000).toUTCString();

  test('refuses a write of a row that was changed after its second', async () => {
    const { body } = await addContact();
    const path = `/contacts/${body.id}`;
    const since = (seconds: number) => ({ 'if-unmodified-since': at(body.updatedAt, seconds) });
    expect(await ask('PATCH', path, { phone: '1' }, since(-1))).toMatchObject({
      status: 412,
      body: { errors: [{ field: 'if-unmodified-since' }] },
    });
    expect((await ask('DELETE', path, undefined, since(-1))).status).toBe(412);
    expect((await ask('PATCH', path, { phone: '1' }, since(0))).status).toBe(200);
  });

  test('is ignored beside If-Match, and if it is no date of HTTP', async () => {
    const { body, etag } = await addContact();
    const path = `/contacts/${body.id}`;
    const old = { 'if-unmodified-since': 'Mon, 01 Jan 2024 00:00:00 GMT' };
    expect((await ask('PATCH', path, { phone: '1' }, { ...old, 'if-match': etag ?? '' })).status).toBe(200);
    expect((await ask('PATCH', path, { phone: '2' }, { 'if-unmodified-since': '2024-01-01' })).status).toBe(200);
  });
});

test('a conditional change costs what a change costs, and a conditional deletion one statement more', async () => {
  const costs = async (method: string, headers: Record<string, string>) => {
    const { body } = await addContact();
    const json = method === 'PATCH' ? { json: { phone: '1' } } : {};
    const response = await one.request(`/contacts/${body.id}`, { method, headers, ...json });
    expect(response.status).toBeLessThan(300);
    return costOf(response);
  };
  const queries = (cost: Record<string, string>) => Number.parseInt(cost['db'] ?? '', 10);
  expect(await costs('PATCH', { 'if-match': '*' })).toEqual(await costs('PATCH', {}));
  const [plain, conditional] = [await costs('DELETE', {}), await costs('DELETE', { 'if-match': '*' })];
  expect(conditional['redis']).toBe(plain['redis']);
  expect(queries(conditional)).toBe(queries(plain) + 1);
});
