/** The projects of a user: each page reads a page of rows, however many projects the tenant or the user has. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { userProjects } from '../../../src/crm/users/queries.ts';
import { createTestApp } from '../../support/app.ts';
import { createTenant } from '../../support/tenant.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';
import { readingOf, statementsOf } from './plans.ts';

const PROJECTS = 4_000;
const LIMIT = 5;

let database: TestDatabase;
let app: ReturnType<typeof createTestApp>;
let client: pg.Client;
let tenant: string;
beforeAll(async () => {
  database = await openMigratedDatabase();
  app = createTestApp({ environment: { DATABASE_URL: database.connectionString } });
  client = new pg.Client({ connectionString: database.connectionString });
  await client.connect();
  tenant = (await createTenant(database.connectionString)).id;
  await client.query(
    `INSERT INTO users (tenant_id, id, email, name, role, updated_at)
     SELECT $1, 'user_' || i, $1 || i, 'Ada', 'member', now() FROM generate_series(0, 9) AS i`,
    [tenant],
  );
  await client.query(
    `INSERT INTO projects (tenant_id, id, name, owner_id, updated_at)
     SELECT $1, 'project_' || lpad(i::text, 6, '0'), 'P', 'user_' || i % 10, now() FROM generate_series(1, ${PROJECTS}) AS i`,
    [tenant],
  );
  // User 1 is a member of every fifth project, and so of half of the own ones.
  await client.query(
    `INSERT INTO project_members (tenant_id, project_id, user_id, role, updated_at)
     SELECT $1, 'project_' || lpad(i::text, 6, '0'), CASE WHEN i % 5 = 1 THEN 'user_1' ELSE 'user_2' END, 'viewer', now()
     FROM generate_series(1, ${PROJECTS}) AS i WHERE i % 20 <> 11`,
    [tenant],
  );
  await client.query('ANALYZE');
});
afterAll(async () => {
  await client.end();
  await app.close();
  await database.close();
});

async function page(cursor?: string) {
  const scope = app.platform.scope();
  try {
    const args = { id: 'user_1', limit: LIMIT, cursor };
    const [found] = await userProjects.load([args], scope.tenant(tenant));
    return found ?? expect.fail('there is no such user');
  } finally {
    await scope.end();
  }
}

/** The numbers and roles that the pages must show, from the rows' definition above. */
const expected = Array.from({ length: PROJECTS }, (_each, index) => PROJECTS - index).flatMap((i) => {
  const isMember = i % 5 === 1 && i % 20 !== 11;
  return isMember || i % 10 === 1 ? [[i, isMember ? 'viewer' : null]] : [];
});

test('pages have own projects and those of memberships, each once, newest first', async () => {
  const found: unknown[] = [];
  let cursor: string | undefined;
  for (let number = 0; number < 4; number += 1) {
    const { items, nextCursor } = await page(cursor);
    found.push(...items.map(({ id, role }) => [Number(id.slice('project_'.length)), role]));
    cursor = nextCursor ?? expect.fail('there must be a next page');
  }
  expect(found).toEqual(expected.slice(0, 4 * LIMIT));
});

test('the last page ends', async () => {
  const [number = 0] = expected[expected.length - 3] ?? [];
  const { items, nextCursor } = await page(`project_${String(number).padStart(6, '0')}`);
  expect([items.length, nextCursor]).toEqual([2, null]);
});

test.each([
  ['the first page', undefined],
  ['a page in the middle', `project_${String(PROJECTS / 2).padStart(6, '0')}`],
])('%s reads at most two pages of rows from a table', async (_name, cursor) => {
  const statements = await statementsOf(() => page(cursor));
  const { rows } = await readingOf(client, statements, /^project/);
  expect(rows['projects']).toBeLessThanOrEqual(2 * (LIMIT + 1));
  expect(rows['project_members']).toBeLessThanOrEqual(2 * (LIMIT + 1));
});
