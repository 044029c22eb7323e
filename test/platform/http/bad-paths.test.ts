/**
 * Every route with invalid ids in its path and invalid parameters in its query: refused with a problem that names the
 * field, never with a 500, and no answer has a row of another tenant.
 */
import { describe, expect, test } from 'vitest';
import { allows, collections } from './described-api.ts';
import { problemOf } from './problem.ts';
import { expectField, MARK, twoTenants } from './two-tenants.ts';

// Each test makes many requests, and the machine may be slow.

const { both, guarded, pathOf, send, withId, withQuery } = twoTenants();

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

/** Other spellings of whole numbers within each range. */
const NUMBERS = ['%205', '5%20', '+5', '%2B5', '05', '5.0', '0x5', '0b101', '5e0', '1_0', '%EF%BC%95', '5n', '5,0'];

/** The allowed statuses for an unknown id. Some routes take names, and not every id is a valid name. */
function absent(parameter: string, fits: boolean): number[] {
  if (!fits) return [400];
  return parameter === 'id' ? [404] : [404, 409];
}

describe('ids in the path', () => {
  test.each(BAD_IDS)('%s', async (id) => {
    for (const { operation, name } of withId()) {
      const response = await send(operation, pathOf(operation, { [name]: id }));
      const { status } = await problemOf(response, `${operation.name} ${name}=${id.slice(0, 40)}`);
      expect([400, 404]).toContain(status);
    }
  });

  test('dots are resolved before they arrive, and never cause a 500', async () => {
    for (const { operation, name } of withId()) {
      for (const id of ['..', '%2e%2e', '.', '..%2f..']) {
        const response = await send(operation, pathOf(operation, { [name]: id }));
        expect(response.status, `${operation.name} ${id}`).toBeLessThan(500);
      }
    }
  });

  test('property names of JavaScript objects are treated as unknown ids', async () => {
    for (const { operation, name, isFit } of withId()) {
      for (const id of ['constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', '0']) {
        const { status } = await problemOf(await send(operation, pathOf(operation, { [name]: id })), operation.name);
        expect(absent(name, isFit.test(id)), `${operation.name} ${name}=${id}`).toContain(status);
      }
    }
  });

  test('another tenant’s row is a 404, and stays unchanged', async () => {
    const { app, foreign, operations, theirs } = both();
    for (const { operation, name, isFit } of withId()) {
      for (const id of Object.values(foreign)) {
        const { status } = await problemOf(await send(operation, pathOf(operation, { [name]: id })), operation.name);
        expect(absent(name, isFit.test(id)), `${operation.name} ${name}`).toContain(status);
      }
    }
    for (const { path } of collections(operations)) {
      expect(await (await app.request(path)).text()).not.toContain(MARK);
      const list = (await (await theirs.request(path)).json()) as { items: unknown[] };
      // The list of API keys also has the keys of the requests.
      const marked = list.items.filter((item) => JSON.stringify(item).includes(MARK));
      expect(marked, path).toHaveLength(1);
    }
  });

  test('no readable path shows data of the other tenant', async () => {
    const { app, foreign, other } = both();
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
    const { app } = both();
    for (const operation of withQuery()) {
      for (const name of ['nonsense', 'tenantId', 'constructor', 'limit[]', 'orderBy', 'LIMIT']) {
        const response = await send(operation, `${pathOf(operation)}?${name}=1`);
        await expectField(response, name, `${operation.name}?${name}`);
      }
      expect((await app.request(`${pathOf(operation)}?__proto__=1&__proto__[limit]=1`)).status).toBeLessThan(500);
    }
  });

  test('each parameter with invalid values, and twice', async () => {
    for (const operation of withQuery()) {
      // A row addressed by name instead of an id may not exist at all.
      const isOfRow = operation.parameters.every((each) => each.in !== 'path' || each.schema.pattern);
      for (const { name, schema } of operation.parameters.filter((each) => each.in === 'query')) {
        const one = allows(schema, 'integer') ? '1' : String(schema.enum?.[0] ?? 'abc');
        const values = [
          ...(schema.format === 'date' ? ['2026-02-30', '0000-01-01', 'today', ''] : []),
          ...(allows(schema, 'integer')
            ? ['0', '101', 'abc', '-1', '1.5', '1e1', 'NaN', '', ' ', 'Infinity', '[]', ...NUMBERS]
            : []),
          ...(schema.pattern ? ['a:b', '*', '..', '%7Bx%7D', '__proto__', '', '%25', encodeURIComponent('ü')] : []),
          ...(schema.enum ? ['nonsense', '', 'Lead', 'constructor'] : []),
          '%00',
          'a%00b',
          'x'.repeat(4_000),
        ];
        for (const value of values) {
          const response = await send(operation, `${pathOf(operation)}?${name}=${value}`);
          const what = `${operation.name}?${name}=${value.slice(0, 40)}`;
          if (isOfRow) await expectField(response, name, what);
          else await problemOf(response, what);
        }
        const twice = await send(operation, `${pathOf(operation)}?${name}=${one}&${name}=${one}`);
        if (isOfRow) await expectField(twice, name, `${operation.name}?${name} twice`);
      }
    }
  });

  test('filters with another tenant’s ids find no rows', async () => {
    const { app, foreign } = both();
    for (const operation of withQuery().filter(({ method }) => method === 'GET')) {
      for (const { name } of operation.parameters.filter((each) => /Id$|^cursor$/.test(each.name))) {
        const text = operation.path === '/search' ? `&q=${MARK}` : '';
        const response = await app.request(`${pathOf(operation)}?${name}=${foreign[name] ?? foreign['dealId']}${text}`);
        expect(name === 'cursor' ? [200, 400] : [200], operation.name).toContain(response.status);
        expect(await response.text()).not.toContain(MARK);
      }
    }
  });
});

test('a path that no route serves is a 404', async () => {
  const { app } = both();
  for (const [method, path] of [
    ['GET', '/nonsense'],
    ['POST', '/nonsense'],
    ['OPTIONS', '/nonsense'],
    ['GET', '/deals/x/y'],
    ['GET', '//deals'],
    ['GET', '/deals//'],
    ['GET', '/%00'],
  ] as const) {
    const { status, code } = await problemOf(await app.request(path, { method }), `${method} ${path}`);
    expect({ status, code }).toEqual({ status: 404, code: 'NO_SUCH_ROUTE' });
  }
});
