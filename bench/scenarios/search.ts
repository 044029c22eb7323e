/**
 * Measures the search with 1,000,000 rows, 900,000 of them in one tenant, on an installed PostgreSQL of its own. A quick
 * run has 20,000 rows.
 */
import pg from 'pg';
import { seededRandom } from '../../dev/random/seeded.ts';
import { applyMigrations } from '../../prisma/apply.ts';
import type { Bench, Row } from '../bench.ts';
import { median, percentile } from '../measure/summary.ts';
import { addRows, fillAtOnce } from '../search/fill.ts';
import { measureSearches, measureWrites, type Searched } from '../search/measure.ts';
import { searchedRows } from '../search/rows.ts';
import { startBenchPostgres } from '../servers/postgres.ts';

const LARGE = 'large';
const NEIGHBOURS = 20;
const SHARE_OF_LARGE = 0.9;

/** The searches of each class. */
const EACH = 40;

/** Measures the search. */
export async function search({ quick, progress, note }: Bench): Promise<Row[]> {
  const count = quick ? 20_000 : 1_000_000;
  const postgres = await startBenchPostgres();
  if (!postgres.url) throw new Error('The section search needs an installed PostgreSQL, or DATABASE_URL');
  const client = new pg.Client({ connectionString: postgres.url });
  try {
    await applyMigrations(postgres.url);
    await client.connect();
    const draw = searchedRows(seededRandom(15));
    const rows = Array.from({ length: count * SHARE_OF_LARGE }, draw);
    progress(`${count.toLocaleString('en')} rows to search`);
    const seconds = await fillAtOnce(client, async () => {
      await addRows(client, LARGE, rows);
      const others = (count * (1 - SHARE_OF_LARGE)) / NEIGHBOURS;
      for (let n = 0; n < NEIGHBOURS; n += 1) {
        await addRows(client, `small-${n}`, Array.from({ length: Math.floor(others) }, draw));
      }
    });
    progress('searches');
    const searched = await measureSearches(client, LARGE, rows, EACH);
    const writes = await measureWrites(client, LARGE, 200);
    note(
      `Search: ${postgres.name}. The migration made the entries of ${count.toLocaleString('en')} rows in ${seconds.toFixed(0)} s.`,
    );
    return [
      ...searched.map(rowOf),
      {
        id: 'search-write',
        title: 'a contact added without / with the search: p50',
        cells: { holdfast: { text: `${median(writes.without).toFixed(2)} / ${median(writes.with).toFixed(2)} ms` } },
      },
    ];
  } finally {
    await client.end();
    postgres.close();
  }
}

function rowOf({ name, rate, times }: Searched): Row {
  const found = rate === null ? '' : `${Math.round(rate * 100)} %, `;
  const [p50, p95] = [median(times), percentile(times, 0.95)].map((time) => time.toFixed(1));
  return {
    id: `search-${name.replaceAll(' ', '-')}`,
    title: `${name}: ${rate === null ? '' : 'found, '}p50 / p95`,
    cells: { holdfast: { text: `${found}${p50} / ${p95} ms` } },
  };
}
