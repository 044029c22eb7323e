/**
 * Measures the CRM's API with and without its cache: the same app, database and requests. A seeded script of user
 * sessions runs first, then each page. The responses' `X-Cache` and `Server-Timing` give the hits and the costs.
 */
import { type AppInstance, openInstance } from '../api/instance.ts';
import { type PageTime, timePages } from '../api/page-times.ts';
import { changes, pages } from '../api/pages.ts';
import { runWorkload, runWorkloads, type Script, type WorkloadResult } from '../api/workload.ts';
import { readWorld } from '../api/world.ts';
import type { Bench, Row } from '../bench.ts';
import { median } from '../measure/summary.ts';
import { startChild } from '../servers/child.ts';
import type { CloudAddresses } from '../servers/cloud.ts';
import { startRest } from '../servers/rest.ts';

const SEED = 20_261_120;
/** The share of changes: one per hundred steps. The hit ratio is also measured for the shares in `BUSIER`. */
const CHANGING = 0.01;
const BUSIER = [0.02, 0.05];

/** The input of the measurement. */
export interface ApiOptions {
  redisUrl: string;
  cloud: CloudAddresses;
  quick: boolean;
  progress(text: string): void;
}

/** Measures the app in a child process. */
export async function apiApart(bench: Bench): Promise<Row[]> {
  const { redisUrl, quick, startedAt } = bench;
  const { cloud, database } = await bench.house();
  const child = await startChild<Row[]>(new URL('./api-process.ts', import.meta.url), {
    redisUrl,
    cloud,
    quick,
    startedAt,
  });
  await child.close();
  bench.note(`Database: ${database}.`);
  return child.ready;
}

/** Measures the app in this process. */
export async function api({ redisUrl, cloud, quick, progress }: ApiOptions): Promise<Row[]> {
  // Changes by the instance without a cache must not invalidate entries of the instance with a cache.
  const apart = await startRest(otherDatabase(redisUrl));
  const without = openInstance(cloud, { cached: false, rest: apart });
  const withCache = openInstance(cloud, { cached: true });
  try {
    const script = await writeScriptFor(withCache, cloud, quick ? 60 : 2_000);
    progress('API: workload');
    const [before, after] = await runWorkloads([without, withCache], script);
    if (!before || !after) throw new Error('The workload has no result');
    const busier: [number, WorkloadResult][] = [];
    for (const changing of quick ? [] : BUSIER) {
      progress(`API: workload, ${percent(changing)} changes`);
      await withCache.clear();
      busier.push([changing, await runWorkload(withCache, { ...script, changing })]);
    }
    progress('API: page by page');
    const plan = { callers: 32, ...(quick ? { rounds: 2, ms: 200 } : { rounds: 8, ms: 2_000 }) };
    const times = await timePages({ without, withCache }, script, plan);
    return [...pageRows(times), ...workloadRows(before, after), ...busierRows(busier), ...routeRows(times.pages)];
  } finally {
    await without.close();
    await withCache.close();
    await apart.close();
  }
}

/** Returns the URL of another database in the same Redis, with separate keys. */
function otherDatabase(redisUrl: string): string {
  const url = new URL(redisUrl);
  url.pathname = '/1';
  return url.href;
}

/** Creates the script, limited to the pages and changes whose routes the app has. */
async function writeScriptFor(app: AppInstance, cloud: CloudAddresses, sessions: number): Promise<Script> {
  const [reads, writes] = [await app.routes('get'), await app.routes('patch')];
  return {
    world: await readWorld(cloud.postgres.url),
    pages: pages.filter(({ route }) => reads.has(route)),
    changes: changes.filter(({ route }) => writes.has(route)),
    seed: SEED,
    changing: CHANGING,
    sessions,
  };
}

function pageRows({ pages: times, perSecond }: Awaited<ReturnType<typeof timePages>>): Row[] {
  const before = median(times.map(({ without }) => without.ms));
  const after = median(times.map(({ withCache }) => withCache.ms));
  const queries = (of: (time: PageTime) => number) => times.reduce((sum, time) => sum + of(time), 0) / times.length;
  return [
    row(
      'api-ms',
      `response time of a page, median of ${times.length} routes`,
      ms(before),
      `${ms(after)} (${change(before, after)})`,
    ),
    row(
      'api-queries',
      'database queries per page, mean',
      queries(({ without }) => without.queries).toFixed(1),
      queries(({ withCache }) => withCache.queries).toFixed(1),
    ),
    row(
      'api-rate',
      'pages/s at 32 callers',
      Math.round(perSecond.without).toLocaleString('en'),
      `${Math.round(perSecond.withCache).toLocaleString('en')} (× ${(perSecond.withCache / perSecond.without).toFixed(1)})`,
    ),
  ];
}

function workloadRows(before: WorkloadResult, after: WorkloadResult): Row[] {
  const about = `workload of ${after.views.toLocaleString('en')} views and ${after.changes.toLocaleString('en')} changes`;
  return [
    row('workload-hits', `${about}: hit ratio`, '0 %', ratio(after)),
    row(
      'workload-queries',
      'workload: database queries',
      before.queries.toLocaleString('en'),
      `${after.queries.toLocaleString('en')} (${change(before.queries, after.queries)})`,
    ),
    row(
      'workload-view-queries',
      'workload: database queries of views',
      before.viewQueries.toLocaleString('en'),
      `${after.viewQueries.toLocaleString('en')} (${change(before.viewQueries, after.viewQueries)})`,
    ),
    row(
      'workload-ms',
      'workload: time of a view, mean',
      ms(before.viewMs / before.views),
      `${ms(after.viewMs / after.views)} (${change(before.viewMs, after.viewMs)})`,
    ),
  ];
}

function busierRows(results: readonly [number, WorkloadResult][]): Row[] {
  return results.map(([changing, { hits, views }]) =>
    row(
      `workload-hits-${changing}`,
      `workload with ${percent(changing)} changes: hit ratio`,
      '0 %',
      ratio({ hits, views }),
    ),
  );
}

function row(id: string, title: string, without: string, withCache: string): Row {
  return { id, title, cells: { none: { text: without }, holdfast: { text: withCache } } };
}

function routeRows(times: readonly PageTime[]): Row[] {
  return times.map(({ route, without, withCache }) =>
    row(`api-ms-${route}`, `\`${route}\`, median`, ms(without.ms), ms(withCache.ms)),
  );
}

function ratio({ hits, views }: Pick<WorkloadResult, 'hits' | 'views'>): string {
  return `${((hits / views) * 100).toFixed(1)} %`;
}

function change(before: number, after: number): string {
  const share = (after - before) / before;
  return `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0.99 && share < 1 ? 1 : 0)} %`;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}
