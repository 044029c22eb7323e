/** The work of a schedule for each tenant, with more tenants than one query returns. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { setUpDatabase } from '../../../prisma/setup.ts';
import { forEachTenant } from '../../../src/platform/jobs/index.ts';
import { createTestApp } from '../../support/app.ts';
import { sql } from '../../support/tenant.ts';
import { openTestDatabase, type TestDatabase } from '../db/database.ts';

/** Two full pages and one more. */
const TENANTS = 401;
const ids = Array.from({ length: TENANTS }, (_, index) => `t-${String(index).padStart(3, '0')}`);

let database: TestDatabase;
let app: ReturnType<typeof createTestApp>;
beforeAll(async () => {
  database = await openTestDatabase();
  await setUpDatabase({ connectionString: database.connectionString, seed: false });
  await sql(
    database.connectionString,
    `INSERT INTO tenants SELECT id, id, 'EUR', now(), now() FROM unnest($1::text[]) AS id`,
    [ids],
  );
  app = createTestApp({ environment: { DATABASE_URL: database.connectionString } });
});
afterAll(async () => {
  await app.close();
  await database.close();
});

/** Runs the work for each tenant in a scope of its own, and returns the cost. */
async function visit(work: (tenant: string) => void) {
  const scope = app.platform.scope();
  const { signal } = new AbortController();
  const visited: string[] = [];
  try {
    const count = forEachTenant({ scope, signal, log: scope.log }, async ({ tenant }) => {
      visited.push(tenant);
      work(tenant);
    });
    const outcome = await count.catch((error: unknown) => error);
    return { visited, outcome, queries: scope.database.meter.queries };
  } finally {
    await scope.end();
  }
}

test('each of 401 tenants is handled once, in order of ids, for 3 queries', async () => {
  expect(await visit(() => {})).toEqual({ visited: ids, outcome: TENANTS, queries: 3 });
});

test('a tenant whose work fails does not prevent the work for the others', async () => {
  const { visited, outcome } = await visit((tenant) => {
    if (tenant === 't-199' || tenant === 't-200') throw new Error('this one fails');
  });
  expect(visited).toEqual(ids);
  expect(outcome).toMatchObject({ code: 'JOB_PARTLY_FAILED', message: 'It failed for 2 of 401 tenants' });
});
