/** Random bodies and query strings are never answered with a 500. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { anyText } from '../../support/any-text.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { addKey, createTenant } from '../../support/tenant.ts';
import { describedOperations, type Operation, smallestBody } from './described-api.ts';

let app: Instance;
let operations: Operation[];
beforeAll(async () => {
  const { url } = inject('cloud').postgres;
  const tenant = await createTenant(url);
  // The rights of the care area are restricted, so `*` is without them.
  const all = await addKey(url, tenant.id, { rights: ['*', 'care:*'] });
  app = await createInstance({ tenant: { ...tenant, keys: { ...tenant.keys, all } } });
  operations = await describedOperations(app);
});
afterAll(() => app.close());

const text = fc.oneof(
  { weight: 2, arbitrary: anyText() },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', minLength: 1 }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...['\ud800', '\u0000', 'a\u0000b', '0000-01-01', '9999-12-31', '1e400', '-0', '99999999999.99'],
      ...['%', '\\', '_', "'", '__proto__', 'a:b', '2026-02-30', 'x'.repeat(300)],
    ),
  },
  { weight: 1, arbitrary: fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)) },
  { weight: 1, arbitrary: fc.double().map(String) },
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: text },
  {
    weight: 2,
    arbitrary: fc.oneof(fc.double(), fc.integer(), fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(Number)),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** A body with some valid fields, some fields of the schema with random values, and some unknown fields. */
function bodyOf(operation: Operation): fc.Arbitrary<unknown> {
  const names = Object.keys(operation.body?.properties ?? {});
  const fields = fc.dictionary(fc.oneof({ weight: 9, arbitrary: fc.constantFrom('name', ...names) }, text), value, {
    minKeys: 1,
    maxKeys: 3,
  });
  return fc.oneof(
    { weight: 6, arbitrary: fields.map((some) => ({ ...smallestBody(operation.body ?? {}), ...some })) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
}

test('bodies', async () => {
  const withBody = operations.filter(({ body }) => body !== undefined);
  expect(withBody.length).toBeGreaterThan(0);
  // Valid bodies come first, so that ids of rows are known.
  const created = withBody
    .filter(({ name }) => /^POST \/(companies|contacts|deals|projects|tasks|care\/patients)$/.test(name))
    .map((operation): [[Operation, unknown]] => [[operation, smallestBody(operation.body ?? {})]]);
  const accepted: string[] = [];
  const request = fc
    .constantFrom(...withBody)
    .chain((operation) => fc.tuple(fc.constant(operation), bodyOf(operation)));
  await fc.assert(
    fc.asyncProperty(request, async ([{ method, path, name }, json]) => {
      const id = accepted.at(-1) ?? 'none';
      const response = await app.request(path.replace(/\{\w+\}/g, id), { method, json });
      const answer = await response.text();
      expect(response.status, `${name} ${JSON.stringify(json)} → ${answer}`).toBeLessThan(500);
      if (response.status === 201) accepted.push((JSON.parse(answer) as { id?: string }).id ?? 'none');
    }),
    { numRuns: 400, examples: created },
  );
  // Some bodies must be accepted, or the fuzz would only test the first check.
  expect(accepted.length).toBeGreaterThanOrEqual(5);
});

test('raw bodies', async () => {
  const withBody = operations.filter(({ body }) => body !== undefined);
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((json) => new TextEncoder().encode(json)),
    fc.json().map((json) => new TextEncoder().encode(json.slice(1))),
  );
  const type = fc.constantFrom(
    'application/json',
    'application/json; charset=utf-16',
    'application/problem+json',
    'text/html',
    '',
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...withBody), body, type, async ({ method, path }, bytes, contentType) => {
      const headers = new Headers(contentType === '' ? [] : [['content-type', contentType]]);
      const response = await app.request(path.replace(/\{\w+\}/g, 'none'), {
        method,
        body: new Uint8Array(bytes),
        headers,
      });
      // The body of a verification has only an optional field, so `{}` is valid.
      expect(response.status).toBeGreaterThanOrEqual(path === '/audit/verify' ? 202 : 400);
      expect(response.status).toBeLessThan(500);
    }),
    { numRuns: 200 },
  );
});

test('query strings and paths', async () => {
  const reads = operations.filter(({ method, guarded }) => method === 'GET' && guarded);
  const names = [...new Set(reads.flatMap(({ parameters }) => parameters.map(({ name }) => name)))];
  const pair = fc.tuple(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, text), text);
  const query = fc.oneof(
    fc
      .array(pair, { maxLength: 4 })
      .map((pairs) => new URLSearchParams(pairs.map(([name, of]) => [name, of])).toString()),
    fc.string({ unit: 'binary-ascii' }).map((raw) => encodeURI(raw).replace(/%25/g, '%')),
  );
  const segment = fc.oneof(fc.constant('none'), text.filter((part) => part.isWellFormed()).map(encodeURIComponent));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...reads), segment, query, async ({ path, name }, id, search) => {
      const response = await app.request(`${path.replace(/\{\w+\}/g, id)}?${search}`);
      expect(response.status, `${name} ${id} ${search} → ${await response.text()}`).toBeLessThan(500);
    }),
    { numRuns: 400 },
  );
});
