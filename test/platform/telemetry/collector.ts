/** A collector of OTLP/HTTP on a port of its own: keeps the bodies it gets. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Value {
  stringValue?: string;
  intValue?: string;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: { values: Value[] };
}
interface Attribute {
  key: string;
  value: Value;
}

/** A span as the collector got it, with its attributes as an object. */
export interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status: { code?: number };
  links?: { traceId: string; spanId: string }[];
  attributes: Record<string, unknown>;
}

/** A metric as the collector got it. */
export interface SentMetric {
  name: string;
  unit: string;
  sum?: {
    isMonotonic: boolean;
    aggregationTemporality: number;
    dataPoints: { asDouble: number; attributes: Attribute[] }[];
  };
  gauge?: { dataPoints: { asDouble: number }[] };
  exponentialHistogram?: {
    dataPoints: {
      count: string;
      sum: number;
      scale: number;
      positive: { offset: number; bucketCounts: string[] };
      attributes: Attribute[];
    }[];
  };
}

/** Returns attributes as an object. */
export function attributesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueOfAttribute(value)]));
}

function valueOfAttribute({ arrayValue, intValue, ...rest }: Value): unknown {
  if (arrayValue) return arrayValue.values.map(valueOfAttribute);
  return intValue === undefined ? Object.values(rest)[0] : Number(intValue);
}

/** Starts a collector. */
export async function startCollector() {
  const received: { path: string; headers: Record<string, string | string[] | undefined>; text: string }[] = [];
  const collector = { received, status: 200 };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += String(part);
    received.push({ path: request.url ?? '', headers: request.headers, text });
    response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bodiesOf = <Body>(path: string) =>
    received.filter((each) => each.path === path).map(({ text }) => JSON.parse(text) as Body);
  return Object.assign(collector, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The spans of all requests so far. */
    spans(): SentSpan[] {
      type Body = {
        resourceSpans: { scopeSpans: { spans: (Omit<SentSpan, 'attributes'> & { attributes: Attribute[] })[] }[] }[];
      };
      return bodiesOf<Body>('/v1/traces')
        .flatMap(({ resourceSpans }) =>
          resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
        )
        .map((span) => ({ ...span, attributes: attributesOf(span.attributes) }));
    },
    /** The metrics of all requests so far. */
    metrics(): SentMetric[] {
      type Body = { resourceMetrics: { scopeMetrics: { metrics: SentMetric[] }[] }[] };
      return bodiesOf<Body>('/v1/metrics').flatMap(({ resourceMetrics }) =>
        resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics)),
      );
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

export type Collector = Awaited<ReturnType<typeof startCollector>>;
