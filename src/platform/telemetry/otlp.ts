/**
 * The JSON form of OpenTelemetry's protocol, version 1: the parts that spans and metrics share. Times are texts in
 * nanoseconds since the epoch. Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
import type { Attributes, Span, SpanKind } from './trace.ts';

/** The service that sends. */
export interface Service {
  name: string;
  /** The build. */
  version: string | undefined;
}

/** The numbers of the kinds of spans in the protocol. */
const KINDS: Record<SpanKind, number> = { internal: 1, server: 2, client: 3, consumer: 5 };
const ERROR = 2;
/** The name of the instrumentation. */
const SCOPE = { name: 'holdfast' };

/** Returns the body for `/v1/traces`. */
export function tracesBody(service: Service, spans: readonly Span[]): object {
  return {
    resourceSpans: [{ resource: resourceOf(service), scopeSpans: [{ scope: SCOPE, spans: spans.map(spanBody) }] }],
  };
}

/** Returns the body for `/v1/metrics`. */
export function metricsBody(service: Service, metrics: readonly object[]): object {
  return { resourceMetrics: [{ resource: resourceOf(service), scopeMetrics: [{ scope: SCOPE, metrics }] }] };
}

/** Returns attributes in the form of the protocol. */
export function attributesBody(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueBody(value) }));
}

/** Returns a time in ms since the epoch as nanoseconds. */
export function nanoseconds(ms: number): string {
  return `${BigInt(Math.round(ms * 1_000)) * 1_000n}`;
}

function resourceOf({ name, version }: Service): object {
  const attributes = { 'service.name': name, ...(version === undefined ? {} : { 'service.version': version }) };
  return { attributes: attributesBody(attributes) };
}

function spanBody({ traceId, spanId, parentSpanId, name, kind, startedAt, endedAt, attributes, failed, links }: Span) {
  return {
    traceId,
    spanId,
    ...(parentSpanId === null ? {} : { parentSpanId }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(startedAt),
    endTimeUnixNano: nanoseconds(endedAt),
    attributes: attributesBody(attributes ?? {}),
    ...(links?.length ? { links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })) } : {}),
    status: failed ? { code: ERROR } : {},
  };
}

function valueBody(value: Attributes[string]): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
    default:
      return { arrayValue: { values: value.map(valueBody) } };
  }
}
