/** The report of a load as text. */
import type { Histogram } from '../../src/platform/counters/index.ts';
import type { LoadResult } from './run.ts';
import { exactQuantile, type RouteTally, requestsIn } from './tally.ts';

/** The figures of the server for the same time, from its shared counters. */
export interface ServerFigures {
  /** The answers by route. */
  requests: ReadonlyMap<string, number>;
  /** The durations of all routes. */
  times: Histogram;
}

/** The memory in use of Redis, in bytes; `null` if Redis does not tell. */
export interface MemoryFigures {
  before: number | null;
  after: number | null;
}

/** Returns the lines of a report. */
export function reportLines(
  routes: ReadonlyMap<string, RouteTally>,
  { ms, late }: LoadResult,
  server: ServerFigures,
  memory: MemoryFigures,
): string[] {
  const all = [...routes.values()];
  const requests = requestsIn(all);
  const failed = countOf(all, ({ statuses }) => (statuses['5xx'] ?? 0) + (statuses['lost'] ?? 0));
  const refused = countOf(all, ({ statuses }) => statuses['4xx'] ?? 0);
  const hits = countOf(all, ({ cache }) => (cache['HIT'] ?? 0) + (cache['STALE'] ?? 0));
  const reads = hits + countOf(all, ({ cache }) => cache['MISS'] ?? 0);
  const times = all.flatMap((route) => route.times);
  const different = [...routes].filter(([route, tally]) => server.requests.get(route) !== requestsIn([tally]));
  return [
    `${requests} requests in ${(ms / 1_000).toFixed(1)} s: ${((requests * 1_000) / ms).toFixed(0)} a second, ${late} of them late`,
    `errors       ${failed} failed, ${refused} refused`,
    `hit ratio    ${reads === 0 ? 'no cached reads' : `${((hits / reads) * 100).toFixed(1)} % of ${reads} cached reads`}`,
    `client       ${quantiles((share) => exactQuantile(times, share))}`,
    `server       ${quantiles((share) => server.times.quantile(share))}`,
    `Redis        ${mebibytes(memory.before)} before, ${mebibytes(memory.after)} after`,
    different.length === 0
      ? `counters     equal the requests of all ${routes.size} routes`
      : `counters     differ: ${different.map(([route, tally]) => `${route} ${server.requests.get(route) ?? 0} of ${requestsIn([tally])}`).join(', ')}`,
  ];
}

function countOf(routes: readonly RouteTally[], of: (route: RouteTally) => number): number {
  return routes.reduce((all, route) => all + of(route), 0);
}

function quantiles(of: (share: number) => number | null): string {
  return [0.5, 0.95, 0.99].map((share) => `p${share * 100} ${(of(share) ?? 0).toFixed(1)} ms`).join('   ');
}

function mebibytes(bytes: number | null): string {
  return bytes === null ? 'unknown' : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
