/** Two imports at once: addresses are not unique in the database, so a lock keeps the two apart. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { applyRows } from '../../../src/crm/imports/apply.ts';
import { kinds } from '../../../src/crm/imports/kinds/index.ts';
import { createTestApp } from '../../support/app.ts';
import { type FaultyPostgres, startFaultyPostgres } from '../../support/faulty-postgres.ts';
import { barrier } from '../../support/isolate.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';

/** The embedded PostgreSQL runs one transaction at a time, so concurrent ones need a real server. */
const isServer = process.env['DATABASE_URL'] !== undefined;
const rows = [
  { row: 2, name: 'Ada', email: 'ada@example.com' },
  { row: 3, name: 'Bob', email: 'bob@example.com' },
];
let way: FaultyPostgres;
let app: ReturnType<typeof createTestApp>;
let tenant: OwnTenant;

beforeAll(async () => {
  const { url } = inject('cloud').postgres;
  way = await startFaultyPostgres(url);
  tenant = await createTenant(url);
  app = createTestApp({ environment: { DATABASE_URL: way.url } });
});
afterAll(async () => {
  await app.close();
  await way.close();
});

/** Imports the rows in one transaction, and calls a function before its COMMIT. */
async function importRows(beforeCommit: () => Promise<void> = async () => {}) {
  const scope = app.platform.scope();
  try {
    return await scope.tenant(tenant.id).commit(async (tx) => {
      const applied = await applyRows(tx, kinds.contacts, rows, { createCompanies: false, actorId: null });
      await beforeCommit();
      return applied;
    });
  } finally {
    await scope.end();
  }
}

describe('2/15 two imports at once', () => {
  test('an import takes the lock of its tenant before it reads existing contacts', async () => {
    way.statements.length = 0;
    await importRows();
    const at = (text: string) => way.statements.findIndex((statement) => statement.includes(text));
    expect(at('pg_advisory_xact_lock')).toBeGreaterThan(at('BEGIN'));
    expect(at('FROM contacts')).toBeGreaterThan(at('pg_advisory_xact_lock'));
  });

  test.runIf(isServer)('with the same new addresses create each contact once', async () => {
    const { url } = inject('cloud').postgres;
    await sql(url, 'DELETE FROM contacts WHERE tenant_id = $1', [tenant.id]);
    const [begun, held] = [barrier(), barrier()];
    const first = importRows(() => {
      begun.resolve();
      return held.promise;
    });
    await begun.promise;
    let ended = false;
    const second = importRows().finally(() => {
      ended = true;
    });
    const waiting = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await expect.poll(async () => ended || (await sql(url, waiting)).length > 0, { timeout: 30_000 }).toBe(true);
    held.resolve();
    const outcomes = async (running: typeof first) => (await running).decisions.map(({ outcome }) => outcome);
    expect(await outcomes(first)).toEqual(['imported', 'imported']);
    expect(await outcomes(second)).toEqual(['unchanged', 'unchanged']);
  });
});
