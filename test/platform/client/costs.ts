/**
 * The costs of the first successful call of each operation, as `x-cost` of the document has them. Before the call no
 * value is cached, every consumer group sleeps, and no job runs. A read is then repeated, for the cost of a hit.
 */
import type { CachedCost, Cost } from '../../../src/platform/rest/cost.ts';
import type { JobWorld } from '../../support/job-world.ts';
import { TOKEN } from '../../support/rest.ts';
import { createMeter, isStream } from './meter.ts';

/** Operations that need `Idempotency-Key`. The cost of other operations is that of a call without the header. */
const NEEDS_KEY = new Set(['ledgerEntries.create', 'ledger.reverse']);
/** It shows an entry of the cache, so one is kept. */
const SHOWS_ENTRY = 'cache.getEntry';
/** Two values are loaded at a time. If the database answers both in one turn, their commands share requests. */
const MOST_REQUESTS: Readonly<Record<string, number>> = { 'dashboard.get': 4 };

export function createCosts(world: JobWorld) {
  const { test } = world.app;
  const measure = createMeter(test, world.qstash.url);
  const measured = new Map<string, Cost | CachedCost>();

  async function redis(command: string[]): Promise<unknown> {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await fetch(world.redisUrl, { method: 'POST', body: JSON.stringify(command), headers });
    return ((await answer.json()) as { result: unknown }).result;
  }

  /** Removes all cached values, except the records of API keys. */
  async function emptyCache(): Promise<void> {
    const keys = (await redis(['KEYS', 'hf:*:q:*'])) as string[];
    const values = keys.filter((key) => !key.includes(':q:api-key:'));
    if (values.length > 0) await redis(['DEL', ...values]);
  }

  /** Sends a call of an operation, and measures it if none was measured. */
  async function send(id: string, url: string, init: RequestInit): Promise<Response> {
    if (measured.has(id)) return test.app.request(url, init);
    const isRead = (init.method ?? 'GET') === 'GET';
    const headers = new Headers(init.headers);
    if (!NEEDS_KEY.has(id)) headers.delete('idempotency-key');
    if (isRead) await world.settle();
    else await world.advance(2_000);
    if (id !== SHOWS_ENTRY) await emptyCache();
    const { response, cost } = await measure(url, { ...init, headers });
    if (!response.ok) return response;
    cost.requests = Math.max(cost.requests, MOST_REQUESTS[id] ?? 0);
    const again = isRead && !isStream(response) ? (await measure(url, { ...init, headers })).cost : cost;
    measured.set(id, JSON.stringify(again) === JSON.stringify(cost) ? cost : { hit: again, miss: cost });
    return response;
  }

  return { send, measured };
}
