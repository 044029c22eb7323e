/** The judged set of searches, and the use of the indexes, on 4,500 rows of a tenant and 500 of its neighbours. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addRows } from '../../../bench/search/fill.ts';
import { classes, type Judged, judgedSet } from '../../../bench/search/judged.ts';
import { searchedRows } from '../../../bench/search/rows.ts';
import { seededRandom } from '../../../dev/random/seeded.ts';
import { findEntries, readSearch, searchedIds } from '../../../src/platform/search/index.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';

const KINDS = ['contact', 'company', 'deal', 'project', 'task'];
const EACH = 40;
const RATE = 0.9;

let database: TestDatabase;
let client: pg.Client;
let judged: Judged[];
const store = {
  async query<Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]> {
    return (await client.query(text, [...values])).rows as Row[];
  },
};

beforeAll(async () => {
  database = await openMigratedDatabase();
  client = new pg.Client({ connectionString: database.connectionString });
  await client.connect();
  const draw = searchedRows(seededRandom(15));
  const rows = Array.from({ length: 4500 }, draw);
  await addRows(client, 'large', rows);
  await addRows(client, 'small', Array.from({ length: 500 }, draw));
  await client.query('ANALYZE');
  judged = judgedSet(rows, seededRandom(7), EACH);
});
afterAll(async () => {
  await client.end();
  await database.close();
});

const find = (text: string, tenant = 'large') =>
  findEntries(store, { tenant, wanted: readSearch(text), kinds: KINDS, labels: {}, limit: 20 });

describe.each(classes)('of the searches of the class %s', (of) => {
  test(`at least 90 % of ${EACH} find their row among the first three`, async () => {
    const own = judged.filter((one) => one.of === of);
    expect(own).toHaveLength(EACH);
    const missed: Judged[] = [];
    for (const one of own) {
      const { hits } = await find(one.text);
      if (!hits.slice(0, 3).some(({ title }) => title === one.title)) missed.push(one);
    }
    expect(own.length - missed.length, JSON.stringify(missed)).toBeGreaterThanOrEqual(EACH * RATE);
  });
});

test('no search of the set finds a row of the neighbour', async () => {
  const rows = await client.query<{ id: string }>(
    "SELECT kind || id AS id FROM search_entries WHERE tenant_id = 'large'",
  );
  const large = new Set(rows.rows.map(({ id }) => id));
  for (const { text } of judged.filter((_one, at) => at % 4 === 0)) {
    const { hits } = await find(text);
    expect(hits.filter(({ kind, id }) => !large.has(kind + id))).toEqual([]);
  }
});

describe('the index', () => {
  interface Scans {
    table: string;
    whole: number;
    index: number;
  }
  const counts = async () => {
    const { rows } = await client.query<Scans>(
      `SELECT relname AS table, seq_scan::int AS whole, idx_scan::int AS index FROM pg_stat_xact_user_tables
       WHERE relname IN ('search_entries', 'search_words') ORDER BY relname`,
    );
    return rows;
  };
  /** Returns how often the statements read each table as a whole and by an index. */
  const scans = async (run: () => Promise<unknown>, setting = ''): Promise<Scans[]> => {
    await client.query(`BEGIN; ${setting}`);
    try {
      const before = await counts();
      await run();
      const after = await counts();
      return after.map(({ table, whole, index }, at) => ({
        table,
        whole: whole - (before[at]?.whole ?? 0),
        index: index - (before[at]?.index ?? 0),
      }));
    } finally {
      await client.query('ROLLBACK');
    }
  };

  test.each(['nets', 'ma', 'nets for', 'GmbH', 'Rossi anna', '4915', 'nets Zzyzxx', '東京'])(
    'serves the search for %s, also where the planner prefers to read the table',
    async (text) => {
      const [entries, words] = await scans(() => find(text));
      expect(entries).toMatchObject({ table: 'search_entries', whole: 0 });
      expect(entries?.index).toBeGreaterThan(0);
      // The planner may read the few words as a whole.
      expect(words?.table).toBe('search_words');
    },
  );

  test('can serve near words and lists', async () => {
    const list = { tenant: 'large', kind: 'contact', text: 'Rossi', order: 'desc', limit: 26 } as const;
    const read = await scans(async () => {
      await find('Zzyzxx');
      await searchedIds(store, list);
    }, 'SET LOCAL enable_seqscan = off');
    expect(read).toMatchObject([{ whole: 0 }, { whole: 0 }]);
    expect(read.every(({ index }) => index > 0)).toBe(true);
  });
});
