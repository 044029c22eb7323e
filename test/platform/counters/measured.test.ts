/** The metrics of requests, cached queries, limits, SQL statements, and Redis, as an isolate counts them. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTestApp } from '../../support/app.ts';
import { createTenant } from '../../support/tenant.ts';

let app: ReturnType<typeof createTestApp>;
let key: string;
beforeAll(async () => {
  ({
    keys: { all: key },
  } = await createTenant(inject('cloud').postgres.url));
});
afterAll(() => app.close());

/** The counts of an app that has answered these requests and nothing else. */
async function countsOf(requests: readonly (readonly [path: string, init?: RequestInit])[], environment = {}) {
  app = createTestApp({ key, environment });
  for (const [path, init] of requests) await (await app.request(path, init)).text();
  return app.platform.counters.pending();
}

/** The fields of a metric, without the buckets and the sums of durations. */
const fieldsOf = (counts: ReadonlyMap<string, number | string>, metric: string) =>
  Object.fromEntries([...counts].filter(([field]) => field.startsWith(`${metric}|`) || field === metric));

test('answers count by method and pattern of the route, never by path, and by class of the status', async () => {
  const counts = await countsOf([
    ['/deals/deal_1'],
    ['/deals/deal_2'],
    ['/deals/pipeline'],
    ['/deals?limit=1'],
    ['/deals?limit=1', { method: 'HEAD' }],
    ['/deals', { method: 'POST', body: '{' }],
    ['/no/such/page'],
    ['/no/such/other'],
    ['/console/jobs'],
    ['/health'],
  ]);
  expect(fieldsOf(counts, 'http.requests')).toEqual({
    'http.requests|GET /deals/:id|4xx': 2,
    'http.requests|GET /deals/pipeline|2xx': 1,
    'http.requests|GET /deals|2xx': 2,
    'http.requests|POST /deals|4xx': 1,
    'http.requests|unmatched|4xx': 2,
    'http.requests|GET /health|2xx': 1,
  });
  const times = Object.entries(fieldsOf(counts, 'http.time')).filter(([field]) => !field.endsWith('|sum'));
  const answers = times.reduce((all, [, count]) => all + Number(count), 0);
  expect(answers).toBe(9);
  await app.close();
});

test('reads of queries count by outcome, and rules by outcome', async () => {
  const { keys } = await createTenant(inject('cloud').postgres.url);
  key = keys.all;
  const counts = await countsOf([['/deals/pipeline'], ['/deals/pipeline'], ['/deals/pipeline']], {
    API_RATE_PER_CALLER: '2',
  });
  expect(fieldsOf(counts, 'cache.reads')).toMatchObject({
    'cache.reads|deal-pipeline|miss': 1,
    'cache.reads|deal-pipeline|hit': 1,
  });
  expect(counts.get('cache.loads|deal-pipeline')).toBe(1);
  expect(fieldsOf(counts, 'limits.requests')).toMatchObject({
    'limits.requests|api-caller|allowed': 2,
    'limits.requests|api-caller|limited': 1,
  });
  await app.close();
});

test('statements count by fingerprint; a slow one has its text without values, and the id of its request', async () => {
  const counts = await countsOf([['/deals?limit=3', { headers: { 'x-request-id': 'slow-request' } }]], {
    SLOW_SQL_MS: '1',
  });
  const slow = [...counts.keys()].filter((field) => field.startsWith('sql.=last|'));
  expect(slow.length).toBeGreaterThan(0);
  for (const field of slow) {
    expect(counts.get(field)).toBe('slow-request');
    const statement = field.split('|')[1] ?? '';
    expect(statement).toMatch(/^[0-9a-f]{12}$/);
    expect(counts.get(`sql.=text|${statement}`)).toMatch(/^\s*(SELECT|UPDATE|INSERT|DELETE|WITH)/i);
    expect(counts.get(`sql.slow|${statement}`)).toBeGreaterThan(0);
    expect(Number(counts.get(`sql.>most|${statement}`))).toBeGreaterThan(0);
  }
  expect(app.lines.some((line) => line.includes('"db.slow"') && line.includes('slow-request'))).toBe(true);
});

test('requests to Redis count with their commands, and failed ones by code', async () => {
  const counts = await countsOf([['/deals?limit=4']], { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:9' });
  expect(counts.get('redis.requests')).toBeGreaterThan(0);
  expect(counts.get('redis.failures|REDIS_UNAVAILABLE')).toBe(counts.get('redis.requests'));
  expect(counts.get('redis.sent')).toBeGreaterThan(0);
  expect(counts.get('redis.received')).toBe(0);
});

test('commands count by name and scripts by their own name, never by an argument; round trips count by route', async () => {
  const { keys } = await createTenant(inject('cloud').postgres.url);
  key = keys.all;
  const counts = await countsOf([['/deals/pipeline'], ['/deals/pipeline']]);
  const sent = fieldsOf(counts, 'commands.sent');
  expect(Object.keys(sent)).toContain('commands.sent|MGET');
  expect(Object.keys(sent)).toContain('commands.sent|lease.fill');
  for (const field of Object.keys(sent)) expect(field).toMatch(/^commands\.sent\|([A-Z]+|[a-z-]+\.[a-z-]+)$/);
  const all = Object.values(sent).reduce<number>((sum, count) => sum + Number(count), 0);
  expect(all).toBe(counts.get('redis.commands'));
  expect(Number(counts.get('commands.waited|MGET'))).toBeGreaterThanOrEqual(0);
  expect(counts.has('commands.>longest|MGET')).toBe(true);
  // The gate, and the fill of the first read.
  expect(Number(counts.get('http.round_trips|GET /deals/pipeline'))).toBeGreaterThanOrEqual(2);
  await app.close();
});
