/** Sixteen writers of one tenant at once, with folds, recounts and readers beside them, on an installed PostgreSQL. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crmNumbers, dealNumbers } from '../../../src/crm/numbers.ts';
import { type Mended, readNumbers, recount } from '../../../src/platform/numbers/index.ts';
import { pgStore } from '../../../src/platform/sql/index.ts';
import type { TestDatabase } from '../db/database.ts';
import { connectTo, FOLD_NEXT, openInstalled } from './databases.ts';
import { BEGINNING } from './operations.ts';
import { differences } from './truth.ts';

const installed = await openInstalled();
const WRITERS = 16;
const TRANSACTIONS = 60;

describe.skipIf(installed === null)('sixteen writers', () => {
  const database = installed as TestDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    pool = new pg.Pool({ connectionString: database.connectionString, max: 8 });
    // The database may end before a connection has closed.
    pool.on('connect', (client) => client.on('error', () => {}));
    await pool.query(BEGINNING);
  });
  afterAll(async () => {
    await pool.end();
    await database.close();
  });

  /** Two deals and a task in each transaction; every seventh transaction is rolled back. */
  async function writeAll(writer: number): Promise<void> {
    const client = await connectTo(database);
    const stages = ['lead', 'proposal', 'won', 'lost'];
    const id = (index: number) => `deal_${writer}_${index}`;
    try {
      for (let index = 0; index < TRANSACTIONS; index += 1) {
        const stage = stages[(writer + index) % stages.length];
        await client.query('BEGIN');
        await client.query(
          `INSERT INTO deals (tenant_id, id, title, stage, value, owner_id, closed_at, updated_at)
           VALUES ('one', $1, 't', 'lead', 1.25, 'user_1', now(), now())`,
          [id(index)],
        );
        await client.query('UPDATE deals SET stage = $2::deal_stage, owner_id = $3 WHERE tenant_id = $4 AND id = $1', [
          ...[id(Math.floor(index / 2)), stage, index % 3 === 0 ? 'user_2' : null, 'one'],
        ]);
        await client.query(
          `INSERT INTO tasks (tenant_id, id, title, due_date, updated_at) VALUES ('one', $1, 't', '2027-01-01', now())`,
          [`task_${writer}_${index}`],
        );
        await client.query(index % 7 === 0 ? 'ROLLBACK' : 'COMMIT');
      }
    } finally {
      await client.end();
    }
  }

  test('never deadlock, lose no number, and are right in every snapshot, while folds and recounts run', async () => {
    // The ids of changes advance by 40, so one in five transactions folds.
    await pool.query('ALTER SEQUENCE number_changes_id_seq INCREMENT BY 40');
    let writing = true;
    const mended: Mended[] = [];
    const seen: unknown[] = [];
    const beside = {
      async recounts() {
        while (writing) {
          for (const source of crmNumbers)
            mended.push(...((await recount(pgStore(pool), 'one', source, 0))?.mended ?? []));
        }
      },
      async folds() {
        while (writing) await pool.query("SELECT numbers_fold('one')");
      },
      async checks() {
        while (writing) seen.push(...(await differences(pool, 'one')));
      },
      async readers() {
        const client = {
          $queryRawUnsafe: async (text: string, ...values: unknown[]) => (await pool.query(text, values)).rows,
        };
        let before = 0;
        while (writing) {
          const read = await readNumbers(client as never, 'one', 2, { totals: { all: dealNumbers.at('stage') } });
          const count = read?.totals.all.count ?? -1;
          // No deal is deleted.
          expect(count).toBeGreaterThanOrEqual(before);
          before = count;
        }
      },
    };
    const others = Object.values(beside).map((run) => run());
    await Promise.all(Array.from({ length: WRITERS }, (_each, writer) => writeAll(writer))).finally(() => {
      writing = false;
    });
    await Promise.all(others);
    await pool.query('ALTER SEQUENCE number_changes_id_seq INCREMENT BY 1');
    expect(mended).toEqual([]);
    expect(seen).toEqual([]);
    expect(await differences(pool, 'one')).toEqual([]);
    const { rows } = await pool.query("SELECT count(*)::int AS deals FROM deals WHERE tenant_id = 'one'");
    const kept = TRANSACTIONS - Math.ceil(TRANSACTIONS / 7);
    expect(rows).toEqual([{ deals: WRITERS * kept }]);
  });

  test('do not wait for a recount or a fold: the numbers are right, and no write fails', async () => {
    const [folder, writer] = await Promise.all([connectTo(database), connectTo(database, '1s')]);
    await folder.query(BEGINNING);
    const insert = (id: string): [string, string[]] => [
      `INSERT INTO deals (tenant_id, id, title, value, updated_at) VALUES ('two', $1, 't', 1, now())`,
      [id],
    ];
    await folder.query(...insert('beside_1'));
    // The lock of a recount, and that of a fold that has not committed.
    for (const hold of [
      "SELECT pg_advisory_xact_lock(hashtextextended('numbers:two', 0))",
      "SELECT numbers_fold('two')",
    ]) {
      await folder.query('BEGIN');
      await folder.query(hold);
      await writer.query(FOLD_NEXT);
      await writer.query(...insert(`beside_${hold.length}`));
      await folder.query('COMMIT');
      expect(await differences(writer, 'two')).toEqual([]);
    }
    // Above READ COMMITTED a fold would see rows that another one has taken, and the write would fail with 40001.
    await writer.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await writer.query('SELECT 1');
    await folder.query("SELECT numbers_fold('two')");
    await folder.query(FOLD_NEXT);
    await writer.query(...insert('beside_last'));
    await writer.query('COMMIT');
    expect(await differences(writer, 'two')).toEqual([]);
    await Promise.all([folder, writer].map((client) => client.end()));
  });

  test('and four recounts at once mend a wrong number once', async () => {
    await pool.query(BEGINNING);
    await pool.query(
      `INSERT INTO numbers VALUES ('two', 'deals.stage:lead', 5, 0)
       ON CONFLICT (tenant_id, key) DO UPDATE SET count = numbers.count + 5`,
    );
    const waiters = 4;
    const holder = await connectTo(database);
    await holder.query('BEGIN');
    await holder.query("SELECT FROM numbers WHERE tenant_id = 'two' AND key = 'deals.stage:lead' FOR UPDATE");
    const recounts = Array.from({ length: waiters }, () => recount(pgStore(pool), 'two', dealNumbers, 0));
    // Each of them waits: one for the number, and the others must not have counted yet.
    await expect
      .poll(async () => {
        const { rows } = await pool.query<{ count: number }>(
          "SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return rows[0]?.count;
      })
      .toBe(waiters);
    await holder.query('COMMIT');
    await holder.end();
    const found = await Promise.all(recounts);
    expect(found.flatMap((each) => each?.mended.map(({ key }) => key))).toEqual(['deals.stage:lead']);
    expect(await differences(pool, 'two')).toEqual([]);
  });
});
