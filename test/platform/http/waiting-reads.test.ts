/** The answers to requests that wait for another request's load: its error, or 503 with `Retry-After`. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { LEASE_MS } from '../../../src/platform/cache/lease.ts';
import { tag, versionKey } from '../../../src/platform/redis/index.ts';
import { createTestApp } from '../../support/app.ts';
import { manualClock } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

const { rest, isolate } = suiteRedis();
const clock = manualClock(Date.now());
let app: ReturnType<typeof createTestApp>;
let tenant: OwnTenant;
/** Called at each pause of a waiting request. */
let atPause: () => Promise<unknown> = async () => undefined;
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  const sleep = async (ms: number) => {
    await atPause();
    await clock.system.sleep(ms);
  };
  const environment = { UPSTASH_REDIS_REST_URL: rest().url, UPSTASH_REDIS_REST_TOKEN: rest().token };
  app = createTestApp({ key: tenant.keys.all, system: { ...clock.system, sleep }, environment });
});
afterAll(() => app.close());

const PIPELINE = { path: '/deals/pipeline', query: 'deal-pipeline', tag: tag('deals') };
const DEAL = { path: '/deals/deal_1', query: 'deal:id:deal_1', tag: tag('deal', 'deal_1') };

/** A request for a value while another isolate loads it. `ends` is the end of that load, if it ends. */
async function waitFor(of: typeof PIPELINE, ends?: string) {
  const { redis } = isolate().scope(tenant.id);
  const lease = `hf:${tenant.id}:l:${of.query}`;
  await redis.set(lease, 'other@1.1', { px: LEASE_MS * 100 });
  atPause = async () => {
    const versions = await redis.get<string>(versionKey(tenant.id, of.tag));
    if (ends) await redis.set(lease, `!${ends} ${versions}`, { px: LEASE_MS });
  };
  const response = await app.request(of.path);
  return { response, problem: (await response.json()) as Record<string, unknown> };
}

test('503 CACHE_BUSY with Retry-After, when the other load does not end', async () => {
  const { response, problem } = await waitFor(PIPELINE);
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('2');
  expect(problem).toMatchObject({ status: 503, code: 'CACHE_BUSY' });
});

test.each([
  [404, 'NOT_FOUND', DEAL, null],
  [503, 'DATABASE_UNAVAILABLE', PIPELINE, '2'],
  [500, 'INTERNAL', PIPELINE, null],
])('%i %s, when the other load fails in this way', async (status, code, of, retryAfter) => {
  const { response, problem } = await waitFor(of, `${status} ${code}`);
  expect(response.status).toBe(status);
  expect(response.headers.get('retry-after')).toBe(retryAfter);
  expect(problem).toMatchObject({ status, code });
});
