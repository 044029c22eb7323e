/**
 * The costs of the first successful call of each operation, as `x-cost` of the document has them. Before the call no
 * value is cached, every consumer group sleeps, and no job runs. A read is then repeated, for the cost of a hit.
 */
import type { CachedCost, Cost } from '../../../src/platform/rest/cost.ts';
import type { JobWorld } from '../../support/job-world.ts';
import { ADMIN_TOKEN } from '../../support/rest.ts';
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
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await fetch(world.redisUrl, { method: 'POST', body: JSON.stringify(command), headers });
    return ((await answer.json()) as { result: unknown }).result;
  }

  /** Removes all cached values, and loads the record of the caller's API key again, so that it does not end meanwhile. */
  async function emptyCache(values: string, authorization: string | null): Promise<void> {
    const keys = (await redis(['KEYS', values])) as string[];
    if (keys.length > 0) await redis(['DEL', ...keys]);
    if (!authorization?.startsWith('Bearer hf_')) return;
    const { status } = await test.app.request('/jobs/none', { headers: { authorization } });
    if (status !== 404) throw new Error(`The API key was answered ${status}`);
  }

  /** Sends a call of an operation, and measures it if none was measured. */
  async function send(id: string, url: string, init: RequestInit): Promise<Response> {
    if (measured.has(id)) return test.app.request(url, init);
    const isRead = (init.method ?? 'GET') === 'GET';
    const headers = new Headers(init.headers);
    if (!NEEDS_KEY.has(id)) headers.delete('idempotency-key');
    if (isRead) await world.settle();
    // A woken group runs after 1 s. With longer steps the proofs of second factors would end before the last call.
    else await world.advance(1_000);
    await emptyCache(id === SHOWS_ENTRY ? 'hf:*:q:api-key:*' : 'hf:*:q:*', headers.get('authorization'));
    const { response, cost } = await measure(url, { ...init, headers });
    if (!response.ok) return response;
    cost.requests = Math.max(cost.requests, MOST_REQUESTS[id] ?? 0);
    const again = isRead && !isStream(response) ? (await measure(url, { ...init, headers })).cost : cost;
    measured.set(id, JSON.stringify(again) === JSON.stringify(cost) ? cost : { hit: again, miss: cost });
    return response;
  }

  return { send, measured };
}
