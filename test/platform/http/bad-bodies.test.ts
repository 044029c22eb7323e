/**
 * Every route with a body, with every kind of invalid body: refused with a problem that names the field, never with a
 * 500, and no row of another tenant is written.
 */
import { describe, expect, test } from 'vitest';
import { allows, type Operation, type Schema, smallestBody } from './described-api.ts';
import { problemOf } from './problem.ts';
import { expectField, twoTenants } from './two-tenants.ts';

// Each test makes many requests, and the machine may be slow.

const { both, pathOf, send, withBody, withId, withQuery } = twoTenants();

function sendRaw({ method }: Operation, path: string, body: BodyInit, contentType?: string) {
  const headers = contentType ? { headers: { 'content-type': contentType } } : {};
  return both().app.request(path, { method, body, ...headers });
}

test('the document has routes of every kind', () => {
  const { own } = both();
  expect(withBody().length).toBeGreaterThanOrEqual(6);
  expect(withId().length).toBeGreaterThanOrEqual(9);
  expect(withQuery().length).toBeGreaterThanOrEqual(3);
  // The valid request passes, so the refusals below are due to the invalid parts.
  expect(Object.keys(own).length).toBeGreaterThanOrEqual(3);
});

describe('bodies', () => {
  test('not JSON', async () => {
    for (const operation of withBody()) {
      for (const body of ['', '{', '{"a":}', 'null,', '[1', '\u0000', "{'a':1}", '{"a":1}}', 'NaN']) {
        const response = await sendRaw(operation, pathOf(operation), body, 'application/json');
        await expectField(response, 'body', `${operation.name} ${JSON.stringify(body)}`);
      }
    }
  });

  test('not UTF-8, or declared as another encoding', async () => {
    const latin1 = Buffer.from('{"name":"José"}', 'latin1');
    const utf16 = Buffer.from('\ufeff{"name":"José"}', 'utf16le');
    for (const operation of withBody()) {
      const path = pathOf(operation);
      for (const [body, type, field] of [
        [latin1, 'application/json', 'body'],
        [utf16, 'application/json', 'body'],
        [latin1, 'application/json; charset=utf-8', 'body'],
        [latin1, 'application/json; charset=iso-8859-1', 'content-type'],
        ['{"name":"Jose"}', 'application/json; charset=iso-8859-1', 'content-type'],
        ['{"name":"José"}', 'application/json;charset="windows-1252"', 'content-type'],
      ] as const) {
        const response = await sendRaw(operation, path, body, type);
        expect(await problemOf(response, operation.name), `${operation.name} ${type}`).toMatchObject({
          status: 400,
          code: 'MALFORMED_BODY',
          errors: [{ field }],
        });
      }
    }
  });

  test('of a command that takes none', async () => {
    for (const operation of both().operations) {
      if (operation.method === 'GET' || operation.body || operation.mediaType || !operation.guarded) continue;
      const response = await send(operation, pathOf(operation), { stage: 'won' });
      await expectField(response, 'body', operation.name);
    }
  });

  test('JSON that is not an object', async () => {
    for (const operation of withBody()) {
      for (const body of [null, true, 0, 'text', [], [{}], [smallestBody(operation.body ?? {})]]) {
        const response = await send(operation, pathOf(operation), body);
        await expectField(response, 'body', `${operation.name} ${JSON.stringify(body)}`);
      }
    }
  });

  test('a wrong or missing media type', async () => {
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

  test('too deeply nested', async () => {
    for (const operation of withBody()) {
      const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
      await problemOf(await sendRaw(operation, pathOf(operation), deep, 'application/json'), operation.name);
    }
  });

  test('unknown fields, including those of every JavaScript object', async () => {
    for (const operation of withBody()) {
      // A draft is any object.
      if (operation.body?.additionalProperties === true) continue;
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

  test('each field with each kind of invalid value', async () => {
    for (const operation of withBody()) {
      const { properties = {}, required = [] } = operation.body ?? {};
      for (const [name, schema] of Object.entries(properties)) {
        for (const value of impossibleValues(schema, required.includes(name))) {
          const body = { ...smallestBody(operation.body ?? {}), [name]: value };
          const response = await send(operation, pathOf(operation), body);
          const what = `${operation.name} ${name}=${JSON.stringify(value)?.slice(0, 80)}`;
          // For alternative fields, the mistake is to send both.
          if (operation.method === 'POST' && required.length === 0) await problemOf(response, what);
          else await expectField(response, name, what);
        }
      }
    }
  });

  test('missing required fields, and changes without a field', async () => {
    for (const operation of withBody()) {
      // All fields of these bodies are optional: `{}` replays all dead events, and verifies without a kept seal.
      if (['POST /streams/{stream}/groups/{group}/replay', 'POST /audit/verify'].includes(operation.name)) continue;
      // An empty draft is a draft.
      if (operation.body?.additionalProperties === true) continue;
      const { required = [] } = operation.body ?? {};
      const response = await send(operation, pathOf(operation), {});
      await expectField(response, required[0] ?? 'body', operation.name);
    }
  });

  test('another tenant’s rows: a conflict that names the field, and no write', async () => {
    const { foreign } = both();
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

/** Values that are invalid for a field with this schema. */
function impossibleValues(schema: Schema, required: boolean): unknown[] {
  const text = ['\u0000', 'a\u0000b', '\ud800', 'x\udfff', '\u0007', 'x'.repeat(20_001), '', '   '];
  const money = schema.format === undefined && typeof schema.example === 'string' && /^\d+\.\d\d$/.test(schema.example);
  const amounts = [-1, '-1', 1.001, '1.001', 1e13, '1e3', '1,5', '０', ' 1', '0x10', '1_000', 'NaN', '.5', '5.'];
  const numeric = allows(schema, 'integer') || allows(schema, 'number');
  return [
    ...(allows(schema, 'object') ? [] : [{}]),
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
