/** The judged set of searches, and the plans of the statements, on 4,500 rows of a tenant and 500 of its neighbours. */
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
const sent: { text: string; values: readonly unknown[] }[] = [];
const store = {
  async query<Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]> {
    sent.push({ text, values });
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
  // A table of this size would be read as a whole although an index could serve.
  await client.query('SET enable_seqscan = off');
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

describe('the plan', () => {
  interface Node {
    'Node Type': string;
    'Relation Name'?: string;
    Plans?: Node[];
  }
  const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

  test.each(['anna', 'ma', 'nets for', 'GmbH', 'Rossi anna', '4915', 'nets Zzyzxx', '東京'])(
    'of the statements for %s can read an index of each table',
    async (text) => {
      sent.length = 0;
      await find(text);
      await searchedIds(store, { tenant: 'large', kind: 'contact', text, order: 'desc', limit: 26 });
      expect(sent.length).toBeGreaterThan(1);
      for (const statement of [...sent]) {
        const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${statement.text}`, [...statement.values]);
        const nodes = nodesOf(rows[0]['QUERY PLAN'][0].Plan as Node);
        expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name'])).toEqual(
          [],
        );
      }
    },
  );
});
