/**
 * Measures the pages per second of 32 callers, with all pages in the cache and without the cache; then the response
 * time of each page for one caller, with and without the cache in turns.
 */
import { seededRandom } from '../../dev/random/seeded.ts';
import { median } from '../measure/summary.ts';
import type { AppInstance } from './instance.ts';
import { firstViews, type Script } from './workload.ts';
import { attention } from './world.ts';

/** The measurements of one page. */
export interface PageTime {
  route: string;
  without: { ms: number; queries: number };
  withCache: { ms: number; queries: number };
}

interface Both<Value> {
  without: Value;
  withCache: Value;
}

/** The number of requests in a row to one instance. */
const IN_A_ROW = 6;
/** The uncounted requests of a row, which find the other instance's data in the processor's caches. */
const NOT_COUNTED = 2;

/** Measures every page of the script. */
export async function timePages(
  apps: Both<AppInstance>,
  script: Script,
  plan: { rounds: number; callers: number; ms: number },
): Promise<{ pages: PageTime[]; perSecond: Both<number> }> {
  // The rates are measured first, because this measurement warms up the single pages.
  const perSecond = await ratesOf(apps, script, plan);
  const focus = attention(script.world, seededRandom(script.seed)).begin();
  const pages: PageTime[] = [];
  for (const { route, path } of script.pages) {
    const [without, withCache] = [new Series(), new Series()];
    for (let round = 0; round < plan.rounds; round++) {
      await requestInARow(apps.without, path(focus), without);
      await requestInARow(apps.withCache, path(focus), withCache);
    }
    pages.push({ route, without: without.result(), withCache: withCache.result() });
  }
  return { pages, perSecond };
}

async function requestInARow(app: AppInstance, path: string, series: Series): Promise<void> {
  for (let request = 0; request < IN_A_ROW; request++) {
    const answer = await app.get(path);
    if (request >= NOT_COUNTED) series.add(answer);
  }
}

async function ratesOf(apps: Both<AppInstance>, script: Script, plan: { callers: number; ms: number }) {
  const paths = firstViews(script, 200);
  for (const path of paths) await apps.withCache.get(path);
  const rates: Both<number[]> = { without: [], withCache: [] };
  for (let round = 0; round < 4; round++) {
    const rate = {
      without: await pagesPerSecond(apps.without, paths, plan),
      withCache: await pagesPerSecond(apps.withCache, paths, plan),
    };
    // The first round only warms up.
    if (round === 0) continue;
    rates.without.push(rate.without);
    rates.withCache.push(rate.withCache);
  }
  return { without: median(rates.without), withCache: median(rates.withCache) };
}

class Series {
  readonly #ms: number[] = [];
  #queries = 0;

  add({ ms, queries }: { ms: number; queries: number }): void {
    this.#ms.push(ms);
    this.#queries = queries;
  }

  result() {
    return { ms: median(this.#ms), queries: this.#queries };
  }
}

async function pagesPerSecond(
  app: AppInstance,
  paths: readonly string[],
  { callers, ms }: { callers: number; ms: number },
): Promise<number> {
  const started = performance.now();
  let done = 0;
  async function caller(): Promise<void> {
    while (performance.now() - started < ms) {
      done += 1;
      await app.get(paths[done % paths.length] ?? '/');
    }
  }
  await Promise.all(Array.from({ length: callers }, caller));
  return (done * 1000) / (performance.now() - started);
}
