/**
 * The pages that show totals: they equal the counts of the rows, in every kind of time zone, at a known number of
 * statements, and no page of a small tenant reads the rows of a large one.
 */
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { demoKeys } from '../../../prisma/demo.ts';
import { seedDatabase } from '../../../prisma/seed.ts';
import { costOf } from '../../support/app.ts';
import { createTruth, type Instance } from '../../support/instance.ts';
import { SEED_TIME } from '../../support/seed-time.ts';
import type { OwnTenant } from '../../support/tenant.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';
import { differences } from './truth.ts';

let database: TestDatabase;
let pool: pg.Pool;
/** Its answers come from the database. */
let truth: Instance;
let user: string;
const acme = { id: 'acme', keys: { all: demoKeys.acme } } as OwnTenant;
const globex = { id: 'globex', keys: { all: demoKeys.globex } } as OwnTenant;

beforeAll(async () => {
  database = await openMigratedDatabase();
  pool = new pg.Pool({ connectionString: database.connectionString, max: 1 });
  await seedDatabase(database.connectionString, { now: SEED_TIME });
  truth = await createTruth({ tenant: acme, database: database.connectionString });
  const { rows } = await pool.query<{ id: string }>(
    `SELECT owner_id AS id FROM deals WHERE tenant_id = 'acme' AND owner_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC`,
  );
  user = rows[0]?.id ?? expect.fail('no deal has an owner');
});
afterAll(async () => {
  await truth.close();
  await pool.end();
  await database.close();
});

const setClock = (instance: Instance, ms: number) => {
  instance.clock.ahead = ms - Date.now();
};
const pages = () => [
  ...['/deals/pipeline', '/dashboard/overview', '/dashboard/stats', '/analytics/platform'],
  ...[`/users/${user}/full`, `/users/${user}/dashboard`],
];

/** Calls a function while the numbers of all tenants count as incomplete, so that pages count rows. */
async function counting<Result>(run: () => Promise<Result>): Promise<Result> {
  await pool.query("UPDATE number_states SET version = 'none ' || version");
  try {
    return await run();
  } finally {
    await pool.query("UPDATE number_states SET version = replace(version, 'none ', '')");
  }
}

async function answers(instance: Instance): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const path of pages()) {
    const response = await instance.request(path);
    found[path] = [response.status, await response.json()];
    expect(response.status, `${path} ${JSON.stringify(found[path])}`).toBe(200);
  }
  return found;
}

describe('the pages', () => {
  test('of the demo have numbers, and these are exact', async () => {
    for (const tenant of ['acme', 'globex']) expect(await differences(pool, tenant)).toEqual([]);
    const { rows } = await pool.query("SELECT count(*)::int AS waiting FROM number_changes WHERE tenant_id = 'acme'");
    expect(rows).not.toEqual([{ waiting: 0 }]);
  });

  describe.each([
    ...[null, 'Europe/Berlin', 'America/Los_Angeles', 'Asia/Kolkata', 'Asia/Kathmandu'],
    ...['Pacific/Chatham', 'Pacific/Kiritimati', 'Etc/GMT+12'],
  ])('in the time zone %s', (zone) => {
    beforeEach(() => pool.query('UPDATE tenants SET time_zone = $1', [zone]));

    test.each([-120, -35, -32, 0])('equal the counts %s days from the end of the demo', async (days) => {
      setClock(truth, SEED_TIME.getTime() + days * 86_400_000);
      const read = await answers(truth);
      expect(read).toEqual(await counting(() => answers(truth)));
    });

    test('equal the counts of deals at the borders of months', async () => {
      await pool.query(`
        INSERT INTO deals (tenant_id, id, title, stage, value, owner_id, created_at, closed_at, updated_at)
          SELECT 'acme', 'border_' || n, 't', CASE WHEN n % 4 = 0 THEN 'lost' ELSE 'won' END::deal_stage, n / 100.0,
            '${user}', at, at, at
          FROM generate_series(1, 240) AS n, LATERAL (
            SELECT timestamp '2027-03-01' - interval '15 hours' + n * interval '450 seconds' AS at) AS t`);
      try {
        for (const moment of ['2027-02-28T23:00:00Z', '2027-03-20T12:00:00Z']) {
          setClock(truth, Date.parse(moment));
          const read = await answers(truth);
          expect(read).toEqual(await counting(() => answers(truth)));
        }
      } finally {
        await pool.query("DELETE FROM deals WHERE id LIKE 'border%'");
      }
    });
  });

  test('follow a new time zone of the tenant at once', async () => {
    const won = async (zone: string | null) => {
      await pool.query('UPDATE tenants SET time_zone = $1', [zone]);
      const response = await truth.request('/dashboard/overview');
      return ((await response.json()) as { wonThisMonth: { count: number } }).wonThisMonth.count;
    };
    await pool.query(`
      INSERT INTO deals (tenant_id, id, title, stage, value, closed_at, updated_at)
      VALUES ('acme', 'border_1', 't', 'won', 1, '2027-05-31T23:30:00', now())`);
    setClock(truth, Date.parse('2027-06-10T12:00:00Z'));
    expect([await won(null), await won('Europe/Berlin'), await won('America/Lima')]).toEqual([0, 1, 0]);
    await pool.query("DELETE FROM deals WHERE id LIKE 'border%'");
  });
});

describe('a page that is not cached', () => {
  /** The statements of each page, and 1 for the caller's key, which is not looked up in Redis. */
  const costs = async () => {
    setClock(truth, SEED_TIME.getTime());
    const found: Record<string, number> = {};
    for (const path of pages()) {
      const response = await truth.request(path);
      found[path.replace(user, '{id}')] = Number.parseInt(costOf(response)['db'] ?? '', 10) - 1;
    }
    return found;
  };

  test('costs few statements, and some more while the rows are counted', async () => {
    await pool.query('UPDATE tenants SET time_zone = NULL');
    const read = {
      ...{ '/deals/pipeline': 2, '/dashboard/overview': 2, '/dashboard/stats': 2, '/analytics/platform': 3 },
      // One of the statements of `full` is the entry of its audited read.
      ...{ '/users/{id}/full': 6, '/users/{id}/dashboard': 7 },
    };
    expect(await costs()).toEqual(read);
    expect(await counting(costs)).toEqual({
      ...{ '/deals/pipeline': 3, '/dashboard/overview': 3, '/dashboard/stats': 3, '/analytics/platform': 4 },
      // These have four counts and two.
      ...{ '/users/{id}/full': 10, '/users/{id}/dashboard': 9 },
    });
  });
});

describe('a small tenant beside a large one', () => {
  const TABLES = ['companies', 'contacts', 'deals', 'tasks'];
  beforeAll(async () => {
    await pool.query(`
      INSERT INTO companies (tenant_id, id, name, updated_at)
        SELECT 'acme', 'large_' || n, 'n', now() FROM generate_series(1, 5000) AS n;
      INSERT INTO contacts (tenant_id, id, name, updated_at)
        SELECT 'acme', 'large_' || n, 'n', now() FROM generate_series(1, 5000) AS n;
      INSERT INTO deals (tenant_id, id, title, value, updated_at)
        SELECT 'acme', 'large_' || n, 't', 1, now() FROM generate_series(1, 5000) AS n;
      INSERT INTO tasks (tenant_id, id, title, updated_at)
        SELECT 'acme', 'large_' || n, 't', now() FROM generate_series(1, 5000) AS n;
      ANALYZE`);
  });

  /** The rows that statements have read from the tables, by sequential scans and by indexes. */
  async function rowsRead(): Promise<number> {
    await pool.query('SELECT pg_stat_force_next_flush()');
    const { rows } = await pool.query<{ read: number }>(
      `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS read FROM pg_stat_user_tables
       WHERE relname = ANY ($1::text[])`,
      [TABLES],
    );
    return rows[0]?.read ?? Number.NaN;
  }

  // A server counts what other connections have read some seconds later. `test/platform/growth` looks at its plans.
  test.skipIf(process.env['DATABASE_URL'] !== undefined).each(['reads', 'counts'])(
    '%s no rows of the other',
    async (way) => {
      const small = await createTruth({ tenant: globex, database: database.connectionString });
      setClock(small, SEED_TIME.getTime());
      try {
        const run = async () => {
          for (const path of pages().slice(0, 4)) expect((await small.request(path)).status).toBe(200);
        };
        const before = await rowsRead();
        const read = async () => (await rowsRead()) - before;
        await (way === 'reads' ? run() : counting(run));
        const rows = await read();
        // Globex has 34 rows in these tables, which four pages may read several times.
        if (way === 'reads') expect(rows).toBe(0);
        else expect([rows > 30, rows < 400]).toEqual([true, true]);
      } finally {
        await small.close();
      }
    },
  );
});
