/** `/cache` for administrators, and warming. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { crm, warmTenant } from '../../../src/crm/index.ts';
import { costOf, createTestApp, demoKeys } from '../../support/app.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

let app: ReturnType<typeof createTestApp>;
let tenant: OwnTenant;
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  app = createTestApp({ key: tenant.keys.all });
});
afterAll(() => app.close());

async function body<Body>(response: Response): Promise<Body> {
  expect(response.status).toBe(200);
  return (await response.json()) as Body;
}

describe('access', () => {
  test.each(['/cache/stats', '/cache/entries/deal-pipeline'])('GET %s is for administrators', async (path) => {
    expect((await app.request(path, { key: tenant.keys.readOnly })).status).toBe(403);
    expect((await app.request(path, { key: null })).status).toBe(401);
  });
});

describe('GET /cache/stats', () => {
  test('counts hits and misses by query', async () => {
    const { keys } = await createTenant(inject('cloud').postgres.url);
    const own = createTestApp({ key: keys.all });
    await own.request('/deals/pipeline');
    await own.request('/deals/pipeline');
    type Stats = {
      isolate: {
        total: { hitRatio: number };
        byQuery: Record<string, { hits: number; misses: number; loadMs: number; bytes: number }>;
      };
    };
    const { isolate } = await body<Stats>(await own.request('/cache/stats'));
    await own.close();
    expect(isolate.byQuery['deal-pipeline']).toMatchObject({ hits: 1, misses: 1 });
    expect(isolate.byQuery['deal-pipeline']?.bytes).toBeGreaterThan(100);
    expect(isolate.total.hitRatio).toBeGreaterThan(0);
  });

  test('the counts of an isolate reach the shared counters with a request that is made anyway', async () => {
    const other = createTestApp({ key: tenant.keys.all, environment: { COUNTERS_FLUSH_MS: '0' } });
    const missed = await other.request('/contacts?limit=7');
    // The fill also sent the statistics of earlier reads: one more command, but no more requests.
    expect(costOf(missed)['redis']).toMatch(/^[35] requests/);
    await other.request('/contacts?limit=8');
    type Stats = { today: { byQuery: Record<string, { misses: number }> } };
    const { today } = await body<Stats>(await app.request('/cache/stats'));
    expect(today.byQuery['contact-page']?.misses).toBeGreaterThanOrEqual(1);
    await other.close();
  });
});

describe('GET /cache/entries', () => {
  test('shows age, freshness, size and tags, but never the value', async () => {
    await app.request('/deals/pipeline');
    const text = await (await app.request('/cache/entries/deal-pipeline')).text();
    expect(JSON.parse(text)).toMatchObject({ state: 'fresh', encoding: 'j', tags: [{ current: true }] });
    expect(text).not.toContain('stages');
    await app.request('/deals', { method: 'POST', json: { title: 'x', value: 1 } });
    expect(await body(await app.request('/cache/entries/deal-pipeline'))).toMatchObject({
      state: 'invalidated',
      tags: [{ current: false }],
    });
  });

  test.each([
    ['/cache/entries/no-such-query', 404],
    ['/cache/entries/__proto__', 404],
    [`/cache/entries/deal?args=${encodeURIComponent('{"id":"none"}')}`, 404],
    ['/cache/entries/deal?args=nonsense', 400],
    [`/cache/entries/deal?args=${encodeURIComponent('{"id":{"$gt":1}}')}`, 400],
    ['/cache/entries/deal?other=1', 400],
  ])('GET %s is %i', async (path, status) => {
    expect((await app.request(path)).status).toBe(status);
  });

  test('every query of the CRM has a name of its own', () => {
    expect(crm.queries.size).toBeGreaterThanOrEqual(29);
  });
});

describe('POST /cache/invalidate', () => {
  const invalidate = (json: unknown) => app.request('/cache/invalidate', { method: 'POST', json });
  const outcome = async () => (await app.request('/deals/pipeline')).headers.get('x-cache');

  test('by tag, softly, and by pattern', async () => {
    await outcome();
    expect(await outcome()).toBe('HIT');
    await body(await invalidate({ tags: [['deals']] }));
    expect(await outcome()).toBe('MISS');
    await body(await invalidate({ tags: [['deals']], soft: true }));
    expect(await outcome()).toBe('STALE');
    expect(await outcome()).toBe('HIT');
    expect(await body(await invalidate({ pattern: 'deal-pipeline*' }))).toEqual({ entries: 1 });
    expect(await outcome()).toBe('MISS');
  });

  test.each([{}, { tags: [] }, { tags: [[]] }, { tags: ['deals'] }, { tags: [['a']], pattern: 'b' }, { pattern: '' }])(
    '%j is a 400',
    async (json) => {
      expect((await invalidate(json)).status).toBe(400);
    },
  );

  test('without Redis is an error', async () => {
    const alone = createTestApp({
      key: tenant.keys.all,
      environment: { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:9' },
    });
    const response = await alone.request('/cache/invalidate', { method: 'POST', json: { tags: [['deals']] } });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'CACHE_UNAVAILABLE' });
    await alone.close();
  });
});

describe('warming', () => {
  test('fills a tenant’s cache in few requests; its reads are hits afterwards', async () => {
    const demo = createTestApp({ key: demoKeys.globex });
    const scope = demo.platform.scope();
    const steps = [];
    for await (const step of warmTenant(scope.tenant('globex'), scope.system.now())) steps.push(step);
    expect(steps.map(({ step }) => step)).toEqual(['users', 'projects', 'dashboards', 'overview', 'statistics']);
    expect(scope.redisMeter.requests).toBeLessThanOrEqual(15);
    await scope.end();
    expect((await demo.request('/deals/pipeline')).headers.get('x-cache')).toBe('HIT');
    expect((await demo.request('/dashboard/overview')).headers.get('x-cache')).toBe('HIT');
    await demo.close();
  });
});
