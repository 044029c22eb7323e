/** Metrics to a collector: the same numbers as `GET /metrics`, each minute, with one request to Redis. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createSchedules } from '../../../src/platform/jobs/index.ts';
import { observeSchedules } from '../../../src/platform/observe/index.ts';
import { createTestApp } from '../../support/app.ts';
import { createTenant } from '../../support/tenant.ts';
import { attributesOf, type Collector, type SentMetric, startCollector } from './collector.ts';

const MINUTE = 60_000;
let collector: Collector;
let app: ReturnType<typeof createTestApp>;
let clock: { now: number };
beforeAll(async () => {
  const operator = await createTenant(inject('cloud').postgres.url);
  collector = await startCollector();
  clock = { now: Math.ceil(Date.now() / MINUTE) * MINUTE };
  app = createTestApp({
    key: operator.keys.all,
    environment: {
      OPERATOR_TENANT: operator.id,
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
      OTEL_TRACES_SAMPLER_ARG: '0',
      OTEL_SERVICE_NAME: 'kelp',
      COUNTERS_FLUSH_MS: '0',
    },
    schedules: createSchedules(observeSchedules.filter(({ name }) => name === 'metrics.send')),
    system: { now: () => clock.now },
  });
});
afterAll(async () => {
  await app.close();
  await collector.close();
});

/** Runs the schedules of the next minute, and returns the metrics that the collector got. */
async function nextMinute(): Promise<SentMetric[]> {
  collector.received.length = 0;
  clock.now += MINUTE;
  expect(await app.platform.scheduled()).toMatchObject([{ schedule: 'metrics.send', outcome: 'ok' }]);
  return collector.metrics();
}
const find = (metrics: readonly SentMetric[], name: string) =>
  metrics.find((metric) => metric.name === name) ?? expect.fail(`no metric ${name}`);

test('each minute the collector gets all metrics with the name of the service', async () => {
  await app.request('/deals');
  const metrics = await nextMinute();
  expect(collector.received.map(({ path }) => path)).toEqual(['/v1/metrics']);
  expect(collector.received[0]?.text).toContain('{"key":"service.name","value":{"stringValue":"kelp"}}');
  const requests = find(metrics, 'holdfast.http.requests');
  expect(requests.sum).toMatchObject({ isMonotonic: true, aggregationTemporality: 2 });
  expect(find(metrics, 'holdfast.http.time').unit).toBe('ms');
  expect(metrics.some(({ gauge }) => gauge !== undefined)).toBe(true);
});

test('the sums and the histograms equal those of GET /metrics', async () => {
  for (let index = 0; index < 5; index += 1) await app.request('/deals');
  const metrics = await nextMinute();
  const text = await (await app.request('/metrics')).text();
  const shown = (name: string, labels: string) => {
    const line = text.split('\n').find((each) => each.startsWith(`${name}{${labels}} `));
    return Number((line ?? expect.fail(`no line of ${name}`)).split(' ').at(-1));
  };
  const route = 'GET /deals';
  const sum = find(metrics, 'holdfast.http.requests').sum?.dataPoints.find(({ attributes }) => {
    const labels = attributesOf(attributes);
    return labels['route'] === route && labels['status'] === '2xx';
  });
  expect(sum?.asDouble).toBe(shown('holdfast_http_requests_total', `route="${route}",status="2xx"`));
  const times = find(metrics, 'holdfast.http.time').exponentialHistogram?.dataPoints.find(
    ({ attributes }) => attributesOf(attributes)['route'] === route,
  );
  const { count, scale, positive } = times ?? expect.fail('no histogram of the route');
  expect([Number(count), scale]).toEqual([shown('holdfast_http_time_seconds_count', `route="${route}"`), 2]);
  // The bucket with index i ends at 2^((i + 1) / 4) ms, so the bucket up to 4 ms has the index 7.
  const atMost = (ms: number) =>
    positive.bucketCounts.reduce(
      (all, each, at) => (positive.offset + at <= 4 * Math.log2(ms) - 1 ? all + Number(each) : all),
      0,
    );
  for (const ms of [1, 2, 4, 8, 16, 64, 1_024]) {
    expect([ms, atMost(ms)]).toEqual([
      ms,
      shown('holdfast_http_time_seconds_bucket', `route="${route}",le="${ms / 1_000}"`),
    ]);
  }
});

test('a collector that refuses does not fail the schedule', async () => {
  collector.status = 500;
  await nextMinute();
  expect(app.lines.filter((line) => line.includes('"telemetry.not_sent"'))).toHaveLength(1);
  collector.status = 200;
});
