/** The requests that a load generator has sent, and the answers. */

/** The answers of one route. */
export interface RouteTally {
  /** The answers by class of status, such as `2xx`; `lost` counts requests without an answer. */
  statuses: Record<string, number>;
  /** The answers by their header `X-Cache`. */
  cache: Record<string, number>;
  /** The time until each answer was read, in ms. */
  times: number[];
}

/** Counts requests by route. */
export interface Tally {
  readonly routes: ReadonlyMap<string, RouteTally>;
  /** Sends a request, reads its answer, and counts both. A request without an answer counts as lost, and throws. */
  counted(route: string, send: () => Promise<Response>): Promise<Response>;
}

/** Creates an empty tally. `now` returns a time in ms. */
export function createTally(now: () => number): Tally {
  const routes = new Map<string, RouteTally>();
  return {
    routes,
    async counted(route, send) {
      const tally = routes.get(route) ?? { statuses: {}, cache: {}, times: [] };
      routes.set(route, tally);
      const began = now();
      try {
        const answer = await send();
        const body = await answer.arrayBuffer();
        const { status, headers } = answer;
        tally.times.push(now() - began);
        count(tally.statuses, `${Math.floor(status / 100)}xx`);
        count(tally.cache, headers.get('x-cache') ?? 'none');
        return new Response(body.byteLength === 0 ? null : body, { status, headers });
      } catch (error) {
        count(tally.statuses, 'lost');
        throw error;
      }
    },
  };
}

/** The number of requests in a tally. */
export function requestsIn(routes: Iterable<RouteTally>): number {
  return [...routes].reduce((all, { statuses }) => all + Object.values(statuses).reduce((sum, n) => sum + n, 0), 0);
}

/** Returns a quantile by the nearest rank; `null` without values. `share` is between 0 and 1. */
export function exactQuantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
