/** Traces of the Worker in workerd, of the Lambda and of Node: the same spans reach the collector. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Collector, startCollector } from '../platform/telemetry/collector.ts';
import { type Host, type HostName, hostNames, startHosts } from '../support/hosts.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

let collector: Collector;
let hosts: Record<HostName, Host>;
beforeAll(async () => {
  collector = await startCollector();
  hosts = await startHosts({ variables: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
});
afterAll(async () => {
  await Promise.all(hostNames.map((name) => hosts[name].close()));
  await collector.close();
});

test.each(hostNames)(
  '%s: a cached answer of a traced caller is a span below the caller, with one request to Redis',
  async (name) => {
    // The first requests fill the cache and send the scripts.
    for (let index = 0; index < 2; index += 1) await hosts[name].send({ path: '/deals/pipeline' });
    const before = collector.received.length;
    const answer = await hosts[name].send({
      path: '/deals/pipeline',
      headers: { traceparent: `00-${TRACE}-${SPAN}-01` },
    });
    expect([answer.status, answer.cache]).toEqual([200, 'HIT']);
    // On Workers the trace leaves after the answer.
    await expect.poll(() => collector.received.length).toBe(before + 1);
    const spans = collector.spans().filter(({ traceId }) => traceId === TRACE);
    const own = spans.slice(spans.findLastIndex(({ kind }) => kind === 2));
    expect(own.map((span) => [span.name, span.parentSpanId === SPAN ? 'the caller' : span.parentSpanId])).toEqual([
      ['GET /deals/pipeline', 'the caller'],
      ['pipeline', own[0]?.spanId],
    ]);
    expect(own[1]?.attributes).toMatchObject({ 'db.system.name': 'redis', 'db.operation.batch.size': 3 });
  },
);
