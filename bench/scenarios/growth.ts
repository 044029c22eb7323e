/**
 * Measures growth: the database time of a miss of each GET route in a small and in a large database, of the large
 * tenant and of a small tenant beside it.
 */
import type { Bench, Cell, Row } from '../bench.ts';
import { demandServer, withDatabases } from '../growth/databases.ts';
import { fillDatabase } from '../growth/fill.ts';
import type { MissesOptions, MissTimes, Place } from '../growth/misses.ts';
import { startChild } from '../servers/child.ts';
import { startRest } from '../servers/rest.ts';

/** The tenant that is small in one database and large in the other. */
const SUBJECT = 'subject';
/** A tenant of a few deals in both databases. */
const NEIGHBOUR = 'neighbour';
const FEW = 12;
/** The deals of the smaller subject. */
const SMALL = 1_000;
const TIMES = 20;
/** Times below this value, in ms, count as this value: differences between such short times come from the machine. */
const FLOOR_MS = 3;
/** The most that a miss in the large database may cost, relative to the small database. */
const MOST = 3;

/** Fills the databases and measures the routes. A quick run has no time for a million rows. */
export async function growth(bench: Bench): Promise<Row[]> {
  if (bench.quick) return [];
  const { cloud, database } = await bench.house();
  demandServer(database);
  return withDatabases(cloud.postgres.url, ['small', 'large'], async ({ small, large }) => {
    const today = new Date().toISOString().slice(0, 10);
    bench.progress(`growth: filling ${SMALL.toLocaleString('en')} rows`);
    await fillDatabase(small, { [SUBJECT]: SMALL, [NEIGHBOUR]: FEW });
    bench.progress(`growth: filling ${bench.rows.toLocaleString('en')} rows`);
    await fillDatabase(large, { [SUBJECT]: bench.rows, [NEIGHBOUR]: FEW });
    bench.progress('growth: misses');
    const places: Place[] = [
      { url: small, tenant: SUBJECT, deals: SMALL },
      { url: large, tenant: SUBJECT, deals: bench.rows },
      { url: small, tenant: NEIGHBOUR, deals: FEW },
      { url: large, tenant: NEIGHBOUR, deals: FEW },
    ];
    const rest = await startRest(bench.redisUrl);
    try {
      const options: MissesOptions = { cloud: { ...cloud, redisRest: rest }, places, times: TIMES, today };
      const child = await startChild<MissTimes[]>(new URL('../growth/misses-process.ts', import.meta.url), options);
      await child.close();
      const rows = child.ready.map(rowOf);
      bench.note(summaryOf(rows, child.ready));
      return rows;
    } finally {
      await rest.close();
    }
  });
}

/** Returns the line of a request: the times of both tenants, and how they grow. */
export function rowOf({ sample: { route, about }, ms: [small, large, few, fewBeside] }: MissTimes): Row {
  const title = `\`${route}\`${about === undefined ? '' : `, ${about}`}`;
  const cells: Record<string, Cell> = {
    'holdfast-small': { text: time(small) },
    'holdfast-large': grown(small, large),
    'holdfast-few': { text: `${time(few)}; ${grown(few, fewBeside).text}` },
  };
  return { id: `growth-${title}`, title, cells };
}

function grown(before = Number.NaN, after = Number.NaN): Cell {
  const value = growthOf(before, after);
  const text = `${time(after)} (× ${value.toFixed(1)})`;
  return { text: value > MOST ? `**${text}**` : text, value };
}

function growthOf(before: number, after: number): number {
  return Math.max(after, FLOOR_MS) / Math.max(before, FLOOR_MS);
}

function summaryOf(rows: readonly Row[], times: readonly MissTimes[]): string {
  const factors = times.flatMap(({ ms: [small = 0, large = 0, few = 0, beside = 0] }) => [
    growthOf(small, large),
    growthOf(few, beside),
  ]);
  const above = factors.filter((factor) => factor > MOST).length;
  return `Misses: ${rows.length} requests; the largest factor is ${Math.max(...factors).toFixed(1)}, and ${above} are above ${MOST}.`;
}

function time(ms = Number.NaN): string {
  return `${ms.toFixed(1)} ms`;
}
