/**
 * A small tenant does not pay for a large one in the same database: no statement of a GET route reads a large table as a
 * whole, or an index without the value of the tenant. The database has a tenant of 20,000 deals and one of 10, and the planner chooses
 * the plans for the values that the app really sends.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillDatabase } from '../../../bench/growth/fill.ts';
import { sizeOf } from '../../../bench/growth/rows.ts';
import { checkSamples, type Sample, samplesOf } from '../../../bench/growth/samples.ts';
import { createTestApp } from '../../support/app.ts';
import { addPerson, createBrowser } from '../../support/people.ts';
import { startRest, TOKEN } from '../../support/rest.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';
import { largeTables, neighbourlyScans, type Sent, statementsOf } from './plans.ts';

const LARGE = 20_000;
const FEW = 10;
/** A table of fewer rows may be read as a whole. */
const MANY_ROWS = 300;

const run = randomBytes(4).toString('hex');
const [large, small] = [`large-${run}`, `small-${run}`];

let database: TestDatabase;
let app: ReturnType<typeof createTestApp>;
/** A Redis of its own, because each request looks through all keys for the entries to remove. */
let redis: Awaited<ReturnType<typeof startRest>>;
let client: pg.Client;
let tables: Set<string>;
let get: (path: string) => Promise<Response>;
let routes: Set<string>;
const samples = samplesOf(sizeOf(FEW), new Date().toISOString().slice(0, 10));

beforeAll(async () => {
  database = await openMigratedDatabase();
  await fillDatabase(database.connectionString, { [large]: LARGE, [small]: FEW });
  client = new pg.Client({ connectionString: database.connectionString });
  await client.connect();
  tables = await largeTables(client, MANY_ROWS);
  redis = await startRest();
  app = createTestApp({
    environment: {
      DATABASE_URL: database.connectionString,
      UPSTASH_REDIS_REST_URL: redis.rest.url,
      UPSTASH_REDIS_REST_TOKEN: TOKEN,
    },
  });
  const { paths } = (await (await app.request('/openapi.json')).json()) as { paths: Record<string, object> };
  routes = new Set(Object.keys(paths).filter((path) => 'get' in (paths[path] ?? {})));
  const person = await addPerson(database.connectionString, small, { role: 'owner' });
  const browser = createBrowser((path, init) => app.app.request(path, init));
  const signedIn = await browser.request('/auth/sign-in', { json: { email: person.email, password: person.password } });
  expect(signedIn.status).toBe(200);
  get = (path) => browser.request(path);
});
afterAll(async () => {
  await client.end();
  await app.close();
  await redis.close();
  await database.close();
});

/** Requests a sample with an empty cache, and returns its statements. */
async function statementsFor({ path }: Sample): Promise<Sent[]> {
  const scope = app.platform.scope();
  await scope.tenant(small).cache.forgetMatching('*');
  await scope.end();
  return statementsOf(async () => {
    const response = await get(path);
    expect(response.status, path).toBe(200);
    await response.arrayBuffer();
  });
}

test('every GET route of the API is among the requests, or reads no rows of a tenant', () => {
  expect(() => checkSamples(routes, samples)).not.toThrow();
});

test('no statement of a small tenant may read the rows of a large one', async () => {
  const found: string[] = [];
  const silent: string[] = [];
  for (const sample of samples) {
    const statements = await statementsFor(sample);
    if (statements.length === 0) silent.push(sample.path);
    for (const statement of statements) {
      const scans = await neighbourlyScans(client, statement, tables);
      found.push(...scans.map((scan) => `${sample.path}: ${scan}`));
    }
  }
  expect(found).toEqual([]);
  expect(silent).toEqual([]);
});

test('a statement that compares with the tenant of another table is found', async () => {
  const over = (tenant: string, sum: string) => ({
    text: `SELECT d.sum FROM tenants t CROSS JOIN LATERAL (SELECT ${sum} AS sum FROM deals WHERE tenant_id = ${tenant}) AS d
      WHERE t.id = $1`,
    values: [small],
  });
  expect(await neighbourlyScans(client, over('t.id', 'sum(value)'), tables)).toEqual(['Seq Scan on deals']);
  expect(await neighbourlyScans(client, over('t.id', 'count(*)'), tables)).toEqual([
    expect.stringMatching(/^Index Only Scan of deals\w+ without the value of the tenant$/),
  ]);
  expect(await neighbourlyScans(client, over('$1', 'sum(value)'), tables)).toEqual([]);
});
