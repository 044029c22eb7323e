/** `/cache/entries` accepts the declared arguments of the query and refuses any other by its name. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { anyText } from '../../support/any-text.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant } from '../../support/tenant.ts';

let app: Instance;
beforeAll(async () => {
  app = await createInstance({ tenant: await createTenant(inject('cloud').postgres.url) });
});
afterAll(() => app.close());

const look = (query: string, args?: unknown) => {
  const search = args === undefined ? '' : `?args=${encodeURIComponent(String(args).toWellFormed())}`;
  return app.request(`/cache/entries/${query}${search}`);
};
const fieldsOf = async (response: Response) =>
  ((await response.json()) as { errors?: { field: string }[] }).errors?.map(({ field }) => field);

describe('1/M2 /cache/entries', () => {
  test('every named query declares its arguments', () => {
    expect(crm.queries.size).toBeGreaterThan(20);
    for (const [name, { args }] of crm.queries) expect(args, name).not.toBeNull();
  });

  test.each(['deal', 'company', 'user', 'contact', 'company-full', 'user-dashboard'])(
    '%s: missing, empty or wrongly typed arguments are refused by their name',
    async (query) => {
      for (const args of [undefined, '{}', '{"id":5}', '{"id":null}', '{"id":["a"]}', '{"id":""}']) {
        const response = await look(query, args);
        expect([response.status, await fieldsOf(response)], args).toEqual([400, expect.arrayContaining(['args.id'])]);
      }
    },
  );

  test.each([
    ['deal', '{"id":"deal_1","stage":"won"}', 400],
    ['deal-pipeline', '{"id":"deal_1"}', 400],
    ['deal', '[]', 400],
    ['deal', 'null', 400],
    ['deal', '"text"', 400],
    ['deal', 'no JSON', 400],
    ['company-months', '{"id":"comp_1","months":1e400,"month":"2026-11"}', 400],
    ['platform-statistics', '{"month":"2026-13"}', 400],
    ['deal', '{"id":"deal_1"}', 404],
    ['deal-page', '{"limit":25}', 404],
  ])('%s with %s is answered with %i', async (query, args, status) => {
    expect((await look(query, args)).status).toBe(status);
  });

  test('an entry is found under the arguments of its route', async () => {
    await app.request('/contacts?limit=3');
    expect((await look('contact-page', '{"limit":3}')).status).toBe(200);
  });

  test('no arguments of any form cause a 500', async () => {
    const names = ['id', 'userId', 'list', 'limit', 'cursor', 'today', 'month', 'months', 'from', 'to', 'by', 'open'];
    const value = fc.oneof(
      fc.constantFrom<unknown>('none', 25, -1, 0.5, true, null, '2026-11-20', '2026-02-30', '2026-11', '\ud800', '\0'),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const object = fc.dictionary(fc.oneof(fc.constantFrom(...names, '__proto__', 'stage'), anyText()), value);
    const args = fc.oneof(
      object.map((each) => JSON.stringify(each)),
      fc.json(),
      anyText(),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...crm.queries.keys()), args, async (query, text) => {
        const response = await look(query, text);
        expect(response.status, `${query} ${text} → ${await response.text()}`).toBeLessThan(500);
      }),
      { numRuns: 400 },
    );
  });
});
