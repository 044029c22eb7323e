/**
 * The messages of refused values: in every operation, each part of the request with values of each kind. The form of a
 * message is checked by `problemOf`, here and in the suites for bad bodies and paths.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant } from '../../support/tenant.ts';
import { describedOperations, type Operation, type Schema, smallestBody } from './described-api.ts';
import { problemOf } from './problem.ts';

let app: Instance;
let operations: Operation[];
beforeAll(async () => {
  app = await createInstance({ tenant: await createTenant(inject('cloud').postgres.url) });
  operations = await describedOperations(app);
});
afterAll(() => app.close());

const VALUES = [
  ...[null, true, 0, -1, 1.5, 1e300, '', ' ', 'x', '7', 'x'.repeat(21_000), '\u0000', '2026-02-30', 'a@', 'http:'],
  ...[[], [null], [1], [''], ['x'], [{}], [[]], [[1]], [['']], {}, { x: 1 }, { kind: 'x' }],
];

/** Values of each kind for a schema, and for each part of a schema with parts. */
function valuesFor(schema: Schema, depth = 0): unknown[] {
  if (depth > 3) return VALUES;
  const items = schema.items ? valuesFor(schema.items, depth + 1).map((value) => [value]) : [];
  const parts = Object.entries(schema.properties ?? {}).flatMap(([name, part]) =>
    valuesFor(part, depth + 1).map((value) => ({ ...smallestBody(schema), [name]: value })),
  );
  return [...VALUES, ...items, ...parts];
}

/** The path of an operation with its parameters, those of the query included. */
function urlOf({ path }: Operation, inPath: string, query: [string, string][] = []): string {
  const search = query.length > 0 ? `?${new URLSearchParams(query)}` : '';
  return path.replace(/\{\w+\}/g, encodeURIComponent(inPath)) + search;
}

async function check(response: Response, about: string): Promise<number> {
  if (response.status < 400) return 0;
  const { errors = [], detail } = await problemOf(response, about);
  const [first] = errors;
  if (first && response.status === 400) expect(detail).toContain(`${first.field} ${first.message}`);
  return errors.length;
}

test('messages about values in bodies', async () => {
  const withBody = operations.filter(({ body }) => body !== undefined);
  let messages = 0;
  const request = fc
    .constantFrom(...withBody)
    .chain((operation) => fc.tuple(fc.constant(operation), fc.constantFrom(...valuesFor(operation.body ?? {}))));
  await fc.assert(
    fc.asyncProperty(request, async ([operation, json]) => {
      const response = await app.request(urlOf(operation, 'none'), { method: operation.method, json });
      messages += await check(response, `${operation.name} ${JSON.stringify(json)}`);
    }),
    { numRuns: 800 },
  );
  expect(messages).toBeGreaterThan(400);
});

test('messages about values in query strings, paths and headers', async () => {
  const texts = fc.constantFrom(
    '',
    'x',
    '1.5',
    '-1',
    '1e2',
    '0x10',
    'NaN',
    'a:b',
    'x'.repeat(3000),
    '2026-02-30',
    '{',
    'null',
  );
  const names = [...new Set(operations.flatMap(({ parameters }) => parameters.map(({ name }) => name)))];
  const query = fc.array(fc.tuple(fc.constantFrom('other', ...names), texts), { maxLength: 3 });
  const key = fc.constantFrom(undefined, '', ' ', 'x'.repeat(300), 'a b');
  const id = fc.constantFrom('none', 'a:b', '*', 'x'.repeat(300), '1.5');
  let messages = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...operations),
      id,
      query,
      key,
      async (operation, inPath, pairs, idempotencyKey) => {
        const { method, body } = operation;
        const json = body && smallestBody(body);
        const url = urlOf(operation, inPath, pairs);
        const response = await app.request(url, {
          method,
          ...(json ? { json } : {}),
          ...(idempotencyKey === undefined ? {} : { headers: { 'idempotency-key': idempotencyKey } }),
        });
        messages += await check(response, `${operation.name} ${url}`);
      },
    ),
    { numRuns: 800 },
  );
  expect(messages).toBeGreaterThan(400);
});

test('messages say which values are allowed', async () => {
  const messageOf = async (path: string, init: Parameters<Instance['request']>[1] = {}) =>
    (await problemOf(await app.request(path, init), path)).detail;
  expect(await messageOf('/deals?limit=abc')).toBe('limit must be a whole number from 1 to 100');
  expect(await messageOf('/deals?limit=5&limit=6')).toBe('limit may be given only once');
  expect(await messageOf('/deals?colour=red')).toBe('colour is not a known parameter');
  expect(await messageOf('/deals', { method: 'POST', json: { title: '', value: 'much', stage: 'maybe' } })).toBe(
    'title must not be empty; stage must be one of lead, qualified, proposal, negotiation, won, lost; ' +
      'value must be a non-negative decimal number with at most the decimal places of the currency',
  );
  expect(await messageOf('/contacts', { method: 'POST', json: { name: 'Ada', email: 'ada' } })).toBe(
    'email must be an e-mail address, such as ada@example.com',
  );
  expect(await messageOf('/tasks', { method: 'POST', json: { title: 'x', dueDate: 'soon' } })).toBe(
    'dueDate must be a day, such as 2026-12-31',
  );
  const dealWith = (fields: object) =>
    messageOf('/deals', { method: 'POST', json: { title: 'x', value: '1', ...fields } });
  for (const value of ['1000000000000', '99999999999999999999999', 1e308]) {
    expect(await dealWith({ value })).toBe('value must be less than 1000000000000');
  }
  expect(await dealWith({ expectedCloseDate: '0000-00-00' })).toBe(
    'expectedCloseDate must be a day, such as 2026-12-31',
  );
  expect(await dealWith({ expectedCloseDate: '0000-01-01' })).toBe(
    'expectedCloseDate must be a day in the year 1 or later',
  );
  expect(await dealWith({ title: '\u0000x' })).toBe('title must not contain control characters');
  expect(await dealWith({ title: '\ud800x' })).toBe(
    'title must not contain a lone surrogate, which is half of a character',
  );
  expect(await messageOf('/companies', { method: 'POST', json: [] })).toBe('body must be an object');
});
