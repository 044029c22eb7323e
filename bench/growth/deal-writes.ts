/**
 * Writes deals through the API of a tree, which is this one or an earlier commit whose files have other names. Each
 * caller takes turns of a new deal and of a change of its stage, and sends the next write after the answer.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { demoKeys } from '../../prisma/demo.ts';

/** The input of a process that writes deals. */
export interface DealWritesOptions {
  /** The folder of the tree. */
  tree: string;
  /** The variables of the app, those of an earlier commit included. */
  variables: Record<string, string>;
  /** An empty database. */
  databaseUrl: string;
}

/** The parts of a tree that run the app, as every commit since e875c5f has them. */
interface Tree {
  setUpDatabase(options: { connectionString: string; seed: boolean; now: Date }): Promise<unknown>;
  readEnvironment(variables: Record<string, string>): unknown;
  createPlatform(options: { environment: unknown; pool: unknown; fetch: unknown; write(): void }): unknown;
  createApp(source: () => unknown): { request(path: string, init: RequestInit): Response | Promise<Response> };
  openDatabasePool(options: { connectionString: string }): { close(): Promise<void> };
  createNodeFetch(): unknown;
}

/** The files of {@link Tree} in this tree, and in commit e875c5f. */
const HERE = [
  'prisma/setup.ts',
  'dev/build/jsx.ts',
  'src/app/env.ts',
  'src/app/platform.ts',
  'src/app/app.ts',
  'src/platform/db/index.ts',
  'src/platform/keep-alive-fetch.ts',
];
const EARLIER = [
  'prisma/setup.ts',
  'src/env.ts',
  'src/platform.ts',
  'src/app.ts',
  'src/db/index.ts',
  'src/node-fetch.ts',
];

/** The deals that the tenant has before the first write. */
const DEALS = 100_000;
/** Works with every schema since e875c5f. */
const MORE_DEALS = `
  INSERT INTO deals (tenant_id, id, title, stage, value, company_id, owner_id, created_at, updated_at)
  SELECT 'acme', 'deal_bench' || lpad(i::text, 10, '0'), 'Deal ' || i, 'lead', 1000 + i % 1000, c.ids[1 + i % cardinality(c.ids)],
    u.ids[1 + i % cardinality(u.ids)], timestamp '2025-01-01', timestamp '2025-01-01'
  FROM generate_series(1, ${DEALS}) AS i,
    (SELECT array_agg(id ORDER BY id) AS ids FROM companies WHERE tenant_id = 'acme') AS c,
    (SELECT array_agg(id ORDER BY id) AS ids FROM users WHERE tenant_id = 'acme') AS u`;

/** A tree that is ready for writes. */
export interface DealWriter {
  /** Writes with `callers` for `ms` milliseconds. Returns the writes per second. */
  write(callers: number, ms: number): Promise<number>;
  close(): Promise<void>;
}

/** Prepares the database with the demo and {@link DEALS} more deals, and starts the app. */
export async function openDealWriter({ tree, variables, databaseUrl }: DealWritesOptions): Promise<DealWriter> {
  const { setUpDatabase, readEnvironment, openDatabasePool, createPlatform, createNodeFetch, createApp } =
    await importTree(tree);
  await setUpDatabase({ connectionString: databaseUrl, seed: true, now: new Date() });
  const companies = await addDeals(databaseUrl);
  const environment = readEnvironment({ ...variables, DATABASE_URL: databaseUrl });
  const pool = openDatabasePool({ connectionString: databaseUrl });
  const platform = createPlatform({ environment, pool, fetch: createNodeFetch(), write: () => {} });
  const app = createApp(() => platform);
  let number = 0;

  async function send(method: string, path: string, body: Record<string, unknown>): Promise<{ id: string }> {
    const headers = { authorization: `Bearer ${demoKeys.acme}`, 'content-type': 'application/json' };
    const response = await app.request(path, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path} got ${response.status}: ${await response.text()}`);
    return (await response.json()) as { id: string };
  }

  return {
    async write(callers, ms) {
      const started = performance.now();
      let written = 0;
      async function caller(): Promise<void> {
        while (performance.now() - started < ms) {
          number += 1;
          const deal = { title: `Deal ${number}`, value: '1200.50', companyId: companies[number % companies.length] };
          const { id } = await send('POST', '/deals', deal);
          await send('PATCH', `/deals/${id}`, { stage: number % 2 === 0 ? 'won' : 'proposal' });
          written += 2;
        }
      }
      await Promise.all(Array.from({ length: callers }, caller));
      return (written * 1_000) / (performance.now() - started);
    },
    close: () => pool.close(),
  };
}

async function importTree(tree: string): Promise<Tree> {
  const files = existsSync(join(tree, 'src/app/app.ts')) ? HERE : EARLIER;
  // The cast is safe: both lists have the files of every part, and a missing part fails at its first call.
  const parts: Record<string, unknown> = {};
  for (const file of files) Object.assign(parts, await import(pathToFileURL(join(tree, file)).href));
  return parts as unknown as Tree;
}

/** Adds the deals, and returns the ids of the tenant's companies. */
async function addDeals(connectionString: string): Promise<string[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(MORE_DEALS);
    await client.query('VACUUM ANALYZE');
    const { rows } = await client.query<{ id: string }>(
      "SELECT id FROM companies WHERE tenant_id = 'acme' ORDER BY id",
    );
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}
