/**
 * Every route of the OpenAPI document, with everything that does not belong there: each is refused with a problem that
 * names the field, none is a fault of ours, and nothing of another tenant ever comes back.
 */
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { apiKeyTag } from '../../../src/http/index.ts';
import { createInstance, expectNoSecrets, type Instance, write } from '../../support/instance.ts';
import { addKey, createTenant, type OwnTenant, secretOf, sql } from '../../support/tenant.ts';
import {
  allows,
  collections,
  describedOperations,
  type Operation,
  type Schema,
  smallestBody,
} from './described-api.ts';
import { problemOf } from './problem.ts';

// Many requests in each test, on machines that may be slow.
vi.setConfig({ testTimeout: 60_000 });

const MARK = 'Theirs-9f3c';
let tenant: OwnTenant;
let other: OwnTenant;
let app: Instance;
let theirs: Instance;
let operations: Operation[];
/** Ids of the other tenant's rows, by the name of the field that may refer to them. */
const foreign: Record<string, string> = {};
/** Ids of our own rows, by their collection: `deals`. */
const own: Record<string, string> = {};

beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  other = await createTenant(inject('cloud').postgres.url);
  [app, theirs] = await Promise.all([createInstance({ tenant }), createInstance({ tenant: other })]);
  operations = await describedOperations(app);
  for (const name of ['ownerId', 'assigneeId', 'userId']) foreign[name] = other.userId;
  own['users'] = tenant.userId;
  for (const { path, singular, body } of collections(operations)) {
    const fields = { ...smallestBody(body), [body.properties?.['title'] ? 'title' : 'name']: MARK };
    foreign[`${singular}Id`] = (await write(theirs, 'POST', path, fields)).id;
    own[path.slice(1)] = (await write(app, 'POST', path, smallestBody(body))).id;
  }
});
afterAll(async () => {
  expectNoSecrets([...app.lines, ...theirs.lines], tenant, other);
  await Promise.all([app.close(), theirs.close()]);
});

/**
 * The path of an operation on our own rows, or with one of its parameters replaced: `/deals/{id}` is a deal of ours,
 * and any other parameter our user.
 */
function pathOf({ path }: Operation, replaced: Record<string, string> = {}): string {
  return path.replace(/(\w+)\/\{(\w+)\}/g, (_all, before: string, name: string) => {
    const mine = name === 'id' ? own[before] : tenant.userId;
    return `${before}/${replaced[name] ?? mine ?? 'none'}`;
  });
}
const withBody = () => operations.filter(({ body }) => body !== undefined);
/** Each operation with each of its parameters that is an id. */
const withId = () =>
  operations.flatMap((operation) =>
    operation.parameters
      .filter((each) => each.in === 'path' && each.schema.pattern)
      .map(({ name }) => ({ operation, name })),
  );
const withQuery = () => operations.filter(({ parameters }) => parameters.some((each) => each.in === 'query'));
const guarded = () => operations.filter((operation) => operation.guarded);

function send(operation: Operation, path: string, body?: unknown, init: Parameters<Instance['request']>[1] = {}) {
  const json = body === undefined ? operation.body && smallestBody(operation.body) : body;
  return app.request(path, { method: operation.method, ...(json === undefined ? {} : { json }), ...init });
}

function sendRaw({ method }: Operation, path: string, body: BodyInit, contentType?: string) {
  return app.request(path, { method, body, ...(contentType ? { headers: { 'content-type': contentType } } : {}) });
}

async function expectField(response: Response, field: string, what: string): Promise<void> {
  const { errors, status } = await problemOf(response, what);
  expect([400, 409], what).toContain(status);
  expect(
    errors?.map((each) => each.field.split('.')[0]),
    what,
  ).toContain(field);
}

test('the document has routes of every kind to go through', () => {
  expect(withBody().length).toBeGreaterThanOrEqual(6);
  expect(withId().length).toBeGreaterThanOrEqual(9);
  expect(withQuery().length).toBeGreaterThanOrEqual(3);
  // The right request passes: so what is refused below is refused for what is wrong with it.
  expect(Object.keys(own).length).toBeGreaterThanOrEqual(3);
});

describe('bodies', () => {
  test('what is not JSON', async () => {
    for (const operation of withBody()) {
      for (const body of ['', '{', '{"a":}', 'null,', '[1', '\u0000', "{'a':1}", '{"a":1}}', 'NaN']) {
        const response = await sendRaw(operation, pathOf(operation), body, 'application/json');
        await expectField(response, 'body', `${operation.name} ${JSON.stringify(body)}`);
      }
      const latin1 = new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
      await problemOf(await sendRaw(operation, pathOf(operation), latin1, 'application/json'), operation.name);
    }
  });

  test('JSON that is no object', async () => {
    for (const operation of withBody()) {
      for (const body of [null, true, 0, 'text', [], [{}], [smallestBody(operation.body ?? {})]]) {
        const response = await send(operation, pathOf(operation), body);
        await expectField(response, 'body', `${operation.name} ${JSON.stringify(body)}`);
      }
    }
  });

  test('another media type, or none', async () => {
    for (const operation of withBody()) {
      const body = JSON.stringify(smallestBody(operation.body ?? {}));
      for (const type of [
        'text/plain',
        'application/xml',
        'application/x-www-form-urlencoded',
        'json',
        'a'.repeat(999),
      ]) {
        const { status } = await problemOf(await sendRaw(operation, pathOf(operation), body, type), operation.name);
        expect(status, `${operation.name} ${type}`).toBe(415);
      }
      await problemOf(await sendRaw(operation, pathOf(operation), new TextEncoder().encode(body)), operation.name);
    }
  });

  test('too large', async () => {
    for (const operation of withBody()) {
      const response = await send(operation, pathOf(operation), { name: 'x'.repeat(300_000) });
      expect((await problemOf(response, operation.name)).status).toBe(413);
    }
  });

  test('nested deeper than anything sensible', async () => {
    for (const operation of withBody()) {
      const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
      await problemOf(await sendRaw(operation, pathOf(operation), deep, 'application/json'), operation.name);
    }
  });

  test('unknown fields, those of every object included', async () => {
    for (const operation of withBody()) {
      const right = JSON.stringify(smallestBody(operation.body ?? {})).slice(1);
      for (const name of [
        'id',
        'tenantId',
        'createdAt',
        'searchName',
        'constructor',
        '__proto__',
        'toString',
        '$where',
        '',
      ]) {
        const body = `{${JSON.stringify(name)}:{"admin":true},${right}`;
        const response = await sendRaw(operation, pathOf(operation), body, 'application/json');
        await expectField(response, name, `${operation.name} ${body}`);
      }
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('admin' in {}).toBe(false);
  });

  test('each field with each value that it cannot have', async () => {
    for (const operation of withBody()) {
      const { properties = {}, required = [] } = operation.body ?? {};
      for (const [name, schema] of Object.entries(properties)) {
        for (const value of impossibleValues(schema, required.includes(name))) {
          const body = { ...smallestBody(operation.body ?? {}), [name]: value };
          const response = await send(operation, pathOf(operation), body);
          const what = `${operation.name} ${name}=${JSON.stringify(value)?.slice(0, 80)}`;
          // Where fields are alternatives, having both is what is wrong.
          if (operation.method === 'POST' && required.length === 0) await problemOf(response, what);
          else await expectField(response, name, what);
        }
      }
    }
  });

  test('required fields left out, and changes that change nothing', async () => {
    for (const operation of withBody()) {
      const { required = [] } = operation.body ?? {};
      const response = await send(operation, pathOf(operation), {});
      await expectField(response, required[0] ?? 'body', operation.name);
    }
  });

  test('another tenant’s rows: a conflict that names the field, and nothing is written', async () => {
    for (const operation of withBody()) {
      for (const name of Object.keys(operation.body?.properties ?? {}).filter((each) => each.endsWith('Id'))) {
        expect(foreign[name], `no row of the other tenant for ${name}`).toBeDefined();
        const body = { ...smallestBody(operation.body ?? {}), [name]: foreign[name] };
        const response = await send(operation, pathOf(operation), body);
        await expectField(response, name, `${operation.name} ${name}`);
      }
    }
  });
});

/** Values that no field with this schema takes. */
function impossibleValues(schema: Schema, required: boolean): unknown[] {
  const text = ['\u0000', 'a\u0000b', '\ud800', 'x\udfff', '\u0007', 'x'.repeat(20_001), '', '   '];
  const money = schema.format === undefined && typeof schema.example === 'string' && /^\d+\.\d\d$/.test(schema.example);
  const amounts = [-1, '-1', 1.001, '1.001', 1e13, '1e3', '1,5', '０', ' 1', '0x10', '1_000', 'NaN', '.5', '5.'];
  const numeric = allows(schema, 'integer') || allows(schema, 'number');
  return [
    {},
    { toString: 'x' },
    { $ne: null },
    [[[]]],
    ...(allows(schema, 'array') ? [] : [[], [1], ['text']]),
    ...(allows(schema, 'boolean') ? ['true', 1] : [true]),
    1e308,
    ...text,
    ...(numeric ? [-1, 1.5, 1e21, '7', Number.MAX_SAFE_INTEGER] : []),
    ...(money ? amounts : numeric ? [] : [0, 7]),
    ...(schema.format === 'date'
      ? ['2026-02-30', '2026-13-01', '0000-01-01', '20261120', '2026-11-20T00:00:00Z', '99999-01-01']
      : []),
    ...(schema.enum ? ['nonsense', 'Lead', 'toString'] : []),
    ...(required ? [null] : []),
  ];
}

const BAD_IDS = [
  'a:b',
  '*',
  '{x}',
  '__proto__',
  '%00',
  '%2e%2e%2f',
  'a%2Fb',
  'ü',
  '🌊',
  '%',
  '%E0%A4%A',
  '%ED%A0%80',
  'x'.repeat(3_000),
  "';--",
  '-',
  '%20',
  'a b',
];

describe('ids in the path', () => {
  test.each(BAD_IDS)('%s', async (id) => {
    for (const { operation, name } of withId()) {
      const response = await send(operation, pathOf(operation, { [name]: id }));
      const { status } = await problemOf(response, `${operation.name} ${name}=${id.slice(0, 40)}`);
      expect([400, 404]).toContain(status);
    }
  });

  test('dots are resolved before they arrive: no fault of ours', async () => {
    for (const { operation, name } of withId()) {
      for (const id of ['..', '%2e%2e', '.', '..%2f..']) {
        const response = await send(operation, pathOf(operation, { [name]: id }));
        expect(response.status, `${operation.name} ${id}`).toBeLessThan(500);
      }
    }
  });

  test('words of JavaScript are ids like others: there is no such thing', async () => {
    for (const { operation, name } of withId()) {
      for (const id of ['constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', '0']) {
        const { status } = await problemOf(await send(operation, pathOf(operation, { [name]: id })), operation.name);
        expect(name === 'id' ? [404] : [404, 409], `${operation.name} ${name}=${id}`).toContain(status);
      }
    }
  });

  test('another tenant’s row is not there, and stays as it is', async () => {
    for (const { operation, name } of withId()) {
      for (const id of Object.values(foreign)) {
        const { status } = await problemOf(await send(operation, pathOf(operation, { [name]: id })), operation.name);
        expect(name === 'id' ? [404] : [404, 409], `${operation.name} ${name}`).toContain(status);
      }
    }
    for (const { path } of collections(operations)) {
      expect(await (await app.request(path)).text()).not.toContain(MARK);
      const list = (await (await theirs.request(path)).json()) as { items: unknown[] };
      expect(list.items, path).toHaveLength(1);
      expect(JSON.stringify(list)).toContain(MARK);
    }
  });

  test('nothing that can be read has anything of the other tenant', async () => {
    for (const operation of guarded().filter(({ method }) => method === 'GET')) {
      const text = await (await app.request(pathOf(operation))).text();
      for (const theirId of [MARK, other.id, ...Object.values(foreign)]) {
        expect(text, operation.name).not.toContain(theirId);
      }
    }
  });
});

describe('query strings', () => {
  test('unknown parameters', async () => {
    for (const operation of withQuery()) {
      for (const name of ['nonsense', 'tenantId', 'constructor', 'limit[]', 'orderBy', 'LIMIT']) {
        await expectField(await app.request(`${pathOf(operation)}?${name}=1`), name, `${operation.name}?${name}`);
      }
      expect((await app.request(`${pathOf(operation)}?__proto__=1&__proto__[limit]=1`)).status).toBeLessThan(500);
    }
  });

  test('each parameter with what it cannot be, and twice', async () => {
    for (const operation of withQuery()) {
      // A thing called by a name rather than by an id may not be there at all.
      const isOfRow = operation.parameters.every((each) => each.in !== 'path' || each.schema.pattern);
      for (const { name, schema } of operation.parameters.filter((each) => each.in === 'query')) {
        const one = allows(schema, 'integer') ? '1' : String(schema.enum?.[0] ?? 'abc');
        const values = [
          ...(schema.format === 'date' ? ['2026-02-30', '0000-01-01', 'today', ''] : []),
          ...(allows(schema, 'integer')
            ? ['0', '101', 'abc', '-1', '1.5', '1e9', 'NaN', '', ' ', 'Infinity', '[]']
            : []),
          ...(schema.pattern ? ['a:b', '*', '..', '%7Bx%7D', '__proto__', '', '%25', encodeURIComponent('ü')] : []),
          ...(schema.enum ? ['nonsense', '', 'Lead', 'constructor'] : []),
          '%00',
          'a%00b',
          'x'.repeat(4_000),
        ];
        for (const value of values) {
          const response = await app.request(`${pathOf(operation)}?${name}=${value}`);
          const what = `${operation.name}?${name}=${value.slice(0, 40)}`;
          if (isOfRow) await expectField(response, name, what);
          else await problemOf(response, what);
        }
        const twice = await app.request(`${pathOf(operation)}?${name}=${one}&${name}=${one}`);
        if (isOfRow) await expectField(twice, name, `${operation.name}?${name} twice`);
      }
    }
  });

  test('another tenant’s ids filter to nothing', async () => {
    for (const operation of withQuery()) {
      for (const { name } of operation.parameters.filter((each) => /Id$|^cursor$/.test(each.name))) {
        const response = await app.request(`${pathOf(operation)}?${name}=${foreign[name] ?? foreign['dealId']}`);
        expect(name === 'cursor' ? [200, 400] : [200], operation.name).toContain(response.status);
        expect(await response.text()).not.toContain(MARK);
      }
    }
  });
});

describe('credentials', () => {
  const secret = 'x'.repeat(48);

  async function expectRefused(headers: Record<string, string>, what: string, status = 401): Promise<void> {
    for (const operation of guarded()) {
      const response = await send(operation, pathOf(operation), undefined, { key: null, headers });
      const problem = await problemOf(response, `${operation.name} ${what}`);
      expect(problem.status, `${operation.name} ${what}`).toBe(status);
      if (status === 401) expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  }

  test('every route but the health check and the documentation asks for them', async () => {
    const open = operations.filter((operation) => !operation.guarded).map(({ name }) => name);
    expect(open).toEqual(['GET /health', 'GET /health/ready']);
    await expectRefused({}, 'none');
  });

  test('malformed', async () => {
    const right = tenant.keys.all;
    const [, , keyId = ''] = right.split('_');
    const keys = [
      '',
      'Bearer',
      'Bearer ',
      right,
      `Basic ${right}`,
      `Token ${right}`,
      `Bearer ${right} x`,
      `Bearer ${right},Bearer ${right}`,
      `Bearer "${right}"`,
      `Bearer ${right.slice(0, -1)}`,
      `Bearer ${right}x`,
      `Bearer ${right.toUpperCase()}`,
      'Bearer hf_',
      `Bearer hf__${keyId}_${secret}`,
      `Bearer hf_${tenant.id}:x_${keyId}_${secret}`,
      `Bearer hf_${'t'.repeat(41)}_${keyId}_${secret}`,
      `Bearer hf_${tenant.id}_*_${secret}`,
      `Bearer hf_${tenant.id}_${keyId}_`,
      `Bearer hf_${tenant.id}_${keyId}_${'x'.repeat(65)}`,
      `Bearer hf___proto___${keyId}_${secret}`,
      `Bearer ${'x'.repeat(8_000)}`,
    ];
    for (const authorization of keys) await expectRefused({ authorization }, authorization.slice(0, 30));
  });

  test('unknown, with a wrong secret, revoked, expired, or of another tenant', async () => {
    const [, , keyId = ''] = tenant.keys.all.split('_');
    const [, , theirId = ''] = other.keys.all.split('_');
    const keys = {
      'unknown key': `hf_${tenant.id}_abcdefghijkl_${secret}`,
      'unknown tenant': `hf_nobody_${keyId}_${secretOf(tenant.keys.all)}`,
      'wrong secret': `hf_${tenant.id}_${keyId}_${secret}`,
      'another key’s secret': `hf_${tenant.id}_${keyId}_${secretOf(tenant.keys.readOnly)}`,
      revoked: tenant.keys.revoked,
      expired: tenant.keys.expired,
      'another tenant’s key in our name': `hf_${tenant.id}_${theirId}_${secretOf(other.keys.all)}`,
      'our key in another tenant’s name': `hf_${other.id}_${keyId}_${secretOf(tenant.keys.all)}`,
    };
    for (const [what, key] of Object.entries(keys)) {
      // Twice: the second time what is known of the key comes from the cache.
      await expectRefused({ authorization: `Bearer ${key}` }, what);
      await expectRefused({ authorization: `Bearer ${key}` }, what);
    }
  });

  test('a key that may only read: writing is not allowed, reading is', async () => {
    for (const operation of guarded()) {
      const response = await send(operation, pathOf(operation), undefined, { key: tenant.keys.readOnly });
      const isRow = collections(operations).some(({ path }) => [path, `${path}/{id}`].includes(operation.path));
      if (operation.method !== 'GET') expect((await problemOf(response, operation.name)).status).toBe(403);
      else expect(isRow ? [200] : [200, 403, 404], operation.name).toContain(response.status);
    }
  });

  test('a key expires while its record is cached', async () => {
    const minute = 60_000;
    const database = inject('cloud').postgres.url;
    const key = await addKey(database, tenant.id, { rights: ['*'], expiresAt: new Date(Date.now() + minute) });
    const instance = await createInstance({ tenant });
    expect((await instance.request('/deals', { key })).status).toBe(200);
    const [, , keyId = ''] = key.split('_');
    await sql(database, 'UPDATE api_keys SET expires_at = NULL WHERE id = $1', [keyId]);
    // From the cache: the database would let it in for ever.
    instance.clock.ahead += minute;
    expect((await instance.request('/deals', { key })).status).toBe(401);
    await instance.close();
  });

  test('a key is revoked while its record is cached: refused from its invalidation on, on every instance', async () => {
    const database = inject('cloud').postgres.url;
    const key = await addKey(database, tenant.id, { rights: ['*'] });
    const [, , keyId = ''] = key.split('_');
    const second = await createInstance({ tenant });
    for (const instance of [app, second]) expect((await instance.request('/deals', { key })).status).toBe(200);
    await sql(database, 'UPDATE api_keys SET revoked_at = now() WHERE id = $1', [keyId]);
    const scope = app.platform.scope();
    await scope.tenant(tenant.id).cache.invalidate(apiKeyTag(keyId));
    await scope.end();
    for (const instance of [app, second]) expect((await instance.request('/deals', { key })).status).toBe(401);
    await second.close();
  });
});

test('paths and methods nobody serves', async () => {
  for (const [method, path] of [
    ['GET', '/nonsense'],
    ['PUT', '/deals'],
    ['DELETE', '/deals'],
    ['POST', '/deals/x'],
    ['GET', '/deals/x/y'],
    ['GET', '//deals'],
    ['GET', '/%00'],
    ['PATCH', '/health'],
    ['OPTIONS', '/deals'],
  ] as const) {
    expect((await problemOf(await app.request(path, { method }), `${method} ${path}`)).status).toBe(404);
  }
});
