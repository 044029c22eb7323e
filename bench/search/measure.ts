/** Measures searches of a filled database: how often each class finds its row, and how long the searches take. */
import type pg from 'pg';
import { seededRandom } from '../../dev/random/seeded.ts';
import { type Condition, findEntries, readSearch, searchedIds } from '../../src/platform/search/index.ts';
import { classes, type Judged, judgedSet } from './judged.ts';
import type { SearchedRow } from './rows.ts';

/** The result of a group of searches. */
export interface Searched {
  name: string;
  /** The share of searches that found their row among the first three; `null` if no row is expected. */
  rate: number | null;
  times: number[];
}

const KINDS = ['contact', 'company', 'deal', 'project', 'task'];

/** Words and beginnings that many rows have, which is the worst case. */
const COMMON = ['maria', 'nets', 'GmbH', 'ropes harbour', 'maria nets', 'engineer', 'jan mar', 'kelp'];
const URGENT: Condition = (bind) =>
  `EXISTS (SELECT FROM tasks WHERE tenant_id = $1 AND id = entry.id AND priority = ${bind('urgent')}::task_priority)`;
const BEGINNINGS = ['ma', 'mar', 'an', 'ne', 'call ma', 'jo', 'ko', 'har'];

/** Measures the judged set and common searches, each once to warm up and once measured. */
export async function measureSearches(
  client: pg.Client,
  tenant: string,
  rows: readonly SearchedRow[],
  each: number,
): Promise<Searched[]> {
  const store = {
    query: async <Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]> =>
      (await client.query(text, [...values])).rows as Row[],
  };
  const find = async (text: string) =>
    (await findEntries(store, { tenant, wanted: readSearch(text), kinds: KINDS, labels: {}, limit: 20 })).hits;
  const timed = async (run: () => Promise<unknown>): Promise<number> => {
    const started = performance.now();
    await run();
    return performance.now() - started;
  };
  const judged = judgedSet(rows, seededRandom(7), each);
  const results: Searched[] = [];
  for (const of of classes)
    results.push(
      await measureClass(
        of,
        judged.filter((one) => one.of === of),
      ),
    );
  const group = async (name: string, texts: readonly string[], run: (text: string) => Promise<unknown>) => {
    for (const text of texts) await run(text);
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) for (const text of texts) times.push(await timed(() => run(text)));
    results.push({ name, rate: null, times });
  };
  await group('words that many rows have', COMMON, find);
  await group('beginnings that many rows have', BEGINNINGS, find);
  const page = { tenant, order: 'desc', limit: 26 } as const;
  for (const kind of KINDS) {
    await group(`a page of a list, the same words, ${kind}`, [...COMMON, ...BEGINNINGS], (text) =>
      searchedIds(store, { ...page, kind, text }),
    );
  }
  await group(
    'a page of a list, the same words beside a filter that no task meets',
    [...COMMON, ...BEGINNINGS],
    (text) => searchedIds(store, { ...page, kind: 'task', text, conditions: [URGENT] }),
  );
  return results;

  async function measureClass(name: string, searches: readonly Judged[]): Promise<Searched> {
    const times: number[] = [];
    let found = 0;
    for (const { text, title } of searches) {
      const started = performance.now();
      const hits = await find(text);
      times.push(performance.now() - started);
      if (hits.slice(0, 3).some((hit) => hit.title === title)) found += 1;
    }
    return { name, rate: found / searches.length, times };
  }
}

/** Returns the time in ms that adding a contact takes, with and without the search, in turns of `count` contacts. */
export async function measureWrites(client: pg.Client, tenant: string, count: number) {
  const times = { without: [] as number[], with: [] as number[] };
  for (let round = 0; round < 4; round += 1) {
    for (const way of ['without', 'with'] as const) {
      await client.query(`ALTER TABLE contacts ${way === 'with' ? 'ENABLE' : 'DISABLE'} TRIGGER search_added`);
      for (let n = 0; n < count; n += 1) {
        const id = `w-${round}-${way}-${n}`;
        const started = performance.now();
        await client.query(
          `INSERT INTO contacts (tenant_id, id, name, email, phone, job_title, updated_at)
           VALUES ($1, $2, $3, $4, $5, 'Engineer', now())`,
          [tenant, id, `Written Montgomery ${n}`, `w${n}@kelp.example`, `+49 151 ${100_000 + n}`],
        );
        if (round > 0) times[way].push(performance.now() - started);
      }
    }
  }
  return times;
}
