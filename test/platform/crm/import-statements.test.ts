/** The costs of an import's chunk in SQL statements, which do not depend on the number of its rows. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { applyRows } from '../../../src/crm/imports/apply.ts';
import { kinds } from '../../../src/crm/imports/kinds/index.ts';
import { createTestApp } from '../../support/app.ts';
import { type FaultyPostgres, startFaultyPostgres } from '../../support/faulty-postgres.ts';
import { createTenant } from '../../support/tenant.ts';

let way: FaultyPostgres;
let app: ReturnType<typeof createTestApp>;
beforeAll(async () => {
  way = await startFaultyPostgres(inject('cloud').postgres.url);
  app = createTestApp({ environment: { DATABASE_URL: way.url } });
});
afterAll(async () => {
  await app.close();
  await way.close();
});

const rowsOf = (count: number, phone: string, more: object = {}) =>
  Array.from({ length: count }, (_, n) => ({
    ...{ row: n + 2, name: `Person ${n}`, phone, company: `Company ${n % 7}`, ...more },
    ...(n % 2 ? { email: `person${n}@example.com` } : {}),
  }));

test.each([1, 2, 500])('%i rows cost 7 statements if they are new, 5 if they change, 3 if not', async (count) => {
  const { id: tenant } = await createTenant(inject('cloud').postgres.url);
  const scope = app.platform.scope();
  async function statements(rows: ReturnType<typeof rowsOf>): Promise<string[]> {
    way.statements.length = 0;
    await scope
      .tenant(tenant)
      .commit((tx) => applyRows(tx, kinds.contacts, rows, { createCompanies: true, actorId: null }));
    return way.statements.filter((text) => /contacts|companies|events|advisory/.test(text));
  }
  try {
    expect(await statements(rowsOf(count, '1'))).toHaveLength(7);
    expect(await statements(rowsOf(count, '1', { jobTitle: 'Clerk' }))).toHaveLength(5);
    expect(await statements(rowsOf(count, '1', { jobTitle: 'Clerk' }))).toHaveLength(3);
  } finally {
    await scope.end();
  }
});
