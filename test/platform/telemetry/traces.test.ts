/** Traces: from the caller through the request, QStash and the job to the collector and to other services. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { crm } from '../../../src/crm/index.ts';
import { enqueue, job } from '../../../src/platform/jobs/index.ts';
import { costOf, createTestApp } from '../../support/app.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { type Collector, type SentSpan, startCollector } from './collector.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const CALLER = `00-${TRACE}-${SPAN}-01`;

const greet = job('traces.greet', {
  input: z.object({ fails: z.boolean() }),
  retries: 0,
  async run({ fails }) {
    if (fails) throw new RangeError('kelp');
  },
});

let collector: Collector;
let world: JobWorld;
beforeAll(async () => {
  collector = await startCollector();
  world = await openJobWorld([...crm.jobs, greet], undefined, [], {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20secret-of-the-collector',
    OTEL_TRACES_SAMPLER_ARG: '0',
    TRACE_SLOW_MS: '600000',
  });
});
beforeEach(async () => {
  await world.clear();
  collector.received.length = 0;
  collector.status = 200;
});
afterAll(async () => {
  await world.close();
  await collector.close();
});

const ask = (
  path: string,
  {
    headers = { traceparent: CALLER },
    ...init
  }: { headers?: Record<string, string>; method?: string; json?: unknown } = {},
) => world.app.test.request(path, { key: world.tenant.keys.all, headers, ...init });
const first = (spans: readonly SentSpan[], name: string) =>
  spans.find((span) => span.name === name) ??
  expect.fail(`no span ${name} in ${spans.map((span) => span.name).join(', ')}`);
const linesOf = (event: string) =>
  world.app.test.lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line['event'] === event);

describe('a request', () => {
  test('of a traced caller is a span below the caller, with a span for each request to Redis and each statement', async () => {
    const response = await ask('/deals', { method: 'POST', json: { title: 'Secret kelp', value: 5 } });
    expect(response.status).toBe(201);
    const spans = collector.spans();
    const request = first(spans, 'POST /deals');
    expect(request).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, kind: 2, status: {} });
    expect(request.attributes).toEqual({
      'http.request.method': 'POST',
      'http.response.status_code': 201,
      'http.route': '/deals',
      'holdfast.request_id': response.headers.get('x-request-id'),
      'holdfast.tenant': world.tenant.id,
    });
    const below = spans.filter((span) => span !== request);
    expect(new Set(below.map((span) => `${span.traceId} ${span.parentSpanId}`))).toEqual(
      new Set([`${TRACE} ${request.spanId}`]),
    );
    const [redisRequests] = /^\d+/.exec(costOf(response)['redis'] ?? '') ?? [];
    const redis = below.filter(({ attributes }) => attributes['db.system.name'] === 'redis');
    // The requests after the answer are spans too.
    expect(redis.length).toBeGreaterThanOrEqual(Number(redisRequests));
    expect(redis[0]?.attributes).toMatchObject({
      'db.operation.batch.size': expect.any(Number),
      'holdfast.commands': expect.arrayContaining(['MGET']),
    });
    const insert = below.find((span) => span.name === 'INSERT');
    expect(insert?.attributes).toMatchObject({
      'db.system.name': 'postgresql',
      'holdfast.statement': expect.stringMatching(/^[0-9a-f]{12}$/),
    });
    for (const span of spans) expect(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)).toBe(true);
  });

  test('sends no value, no key and no path of a request to the collector', async () => {
    const { id } = (await (
      await ask('/contacts', { method: 'POST', json: { name: 'Ada Kelp', email: 'ada@kelp.test' } })
    ).json()) as { id: string };
    await ask(`/contacts/${id}?secret=hush`);
    const sent = collector.received.map(({ text }) => text).join('\n');
    expect(sent).toContain('/contacts/:id');
    for (const value of ['Ada', 'kelp.test', id, 'hush', world.tenant.keys.all]) expect(sent).not.toContain(value);
  });

  test('has its trace in its log lines', async () => {
    await ask('/deals');
    expect(linesOf('request').at(-1)).toMatchObject({ traceId: TRACE });
  });

  test('is sent once, with the headers of the collector, when its work after the answer has ended', async () => {
    await ask('/deals/pipeline');
    expect(
      collector.received.map(({ path, headers }) => [path, headers['authorization'], headers['content-type']]),
    ).toEqual([['/v1/traces', 'Bearer secret-of-the-collector', 'application/json']]);
  });

  test('without a traced caller is left out by a ratio of 0, unless it fails', async () => {
    await ask('/deals', { headers: {} });
    expect(collector.received).toEqual([]);
  });

  test('is answered although the collector refuses, which is logged and not repeated', async () => {
    collector.status = 429;
    expect((await ask('/deals')).status).toBe(200);
    expect(collector.received).toHaveLength(1);
    expect(linesOf('telemetry.not_sent')).toMatchObject([{ level: 'warn', signal: 'traces', status: 429 }]);
  });
});

describe('a job', () => {
  const traced = () => world.app.test.platform.scope('request-1', CALLER);

  test('continues the trace of the request that enqueued it', async () => {
    const scope = traced();
    await enqueue(scope.tenant(world.tenant.id), greet, { fails: false });
    await scope.end();
    await world.settle();
    const spans = collector.spans();
    const delivery = first(spans, 'POST /jobs/run/:name');
    const run = first(spans, 'run traces.greet');
    expect([delivery.traceId, delivery.parentSpanId === undefined]).toEqual([TRACE, false]);
    expect(run).toMatchObject({ traceId: TRACE, parentSpanId: delivery.spanId, kind: 5, status: {} });
    expect(run.links).toBeUndefined();
    expect(run.attributes).toMatchObject({
      'holdfast.job': 'traces.greet',
      'holdfast.tenant': world.tenant.id,
      'holdfast.attempt': 1,
      'holdfast.outcome': 'done',
    });
  });

  test('that is delayed by minutes is linked to the trace of the request', async () => {
    const scope = traced();
    await enqueue(scope.tenant(world.tenant.id), greet, { fails: true }, { delay: '2m' });
    await scope.end();
    await world.advance(120_000);
    const run = first(collector.spans(), 'run traces.greet');
    expect(run.traceId).not.toBe(TRACE);
    expect(run.links).toEqual([{ traceId: TRACE, spanId: expect.stringMatching(/^[0-9a-f]{16}$/) }]);
    expect(run.status).toEqual({ code: 2 });
  });
});

describe('another service', () => {
  let server: Server;
  let received: (string | undefined)[];
  beforeAll(async () => {
    server = createServer((request, response) => {
      received.push(request.headers['traceparent'] as string | undefined);
      response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('gets the trace of the request or the job that calls it', async () => {
    received = [];
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    await ask('/webhooks', { method: 'POST', json: { url, events: ['company.created'] } });
    await ask('/companies', { method: 'POST', json: { name: 'Kelp' } });
    await world.advance(5_000);
    const call = first(collector.spans(), `POST ${new URL(url).host}`);
    expect(call.attributes).toMatchObject({ 'http.response.status_code': 204, 'server.address': '127.0.0.1' });
    expect(received).toEqual([`00-${TRACE}-${call.parentSpanId}-01`]);
  });
});

describe('without a collector', () => {
  test('a request of a traced caller costs the same, and its jobs have the trace of the caller', async () => {
    const plain = createTestApp();
    try {
      await plain.request('/deals');
      const [untraced, traced] = [
        await plain.request('/deals'),
        await plain.request('/deals', { headers: { traceparent: CALLER } }),
      ];
      expect(costOf(traced)).toEqual(costOf(untraced));
      const lines = plain.lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((line) => line['event'] === 'request');
      expect(lines.slice(-2).map((line) => line['traceId'])).toEqual([undefined, TRACE]);
      const scope = plain.platform.scope('request-2', CALLER);
      expect(scope.trace?.traceparent).toBe(CALLER);
      await scope.end();
    } finally {
      await plain.close();
    }
  });
});
