/**
 * The trace of one scope: a first span for the request, the delivery or the tick, and one span for each request to
 * Redis, SQL statement, outgoing request and run of a job. The scope holds all its spans until its end, so a trace
 * with a failed span, or a slow one, is kept although the sampling at its start left it out.
 */
import { Buffer } from 'node:buffer';
import type { System } from '../system.ts';
import { formatTraceparent, type SpanContext } from './traceparent.ts';

/** The kinds of spans, in the words of OpenTelemetry. */
export type SpanKind = 'internal' | 'server' | 'client' | 'consumer';

/** Names and values of a span. Values come from the code or from answers, never from the data of users. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A span that has ended, as its place in the code reports it. */
export interface EndedSpan {
  name: string;
  kind: SpanKind;
  /** The duration, in ms. The span ends now. */
  ms: number;
  attributes?: Attributes;
  failed?: boolean;
  /** Spans of other traces that caused this span. */
  links?: readonly SpanContext[];
}

/** A span, ready to be sent. Times are in ms since the epoch. */
export interface Span extends Omit<EndedSpan, 'ms'> {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  startedAt: number;
  endedAt: number;
}

/** The trace of one scope. */
export interface Trace {
  readonly traceId: string;
  /** The header `traceparent` for outgoing requests of the scope. */
  readonly traceparent: string;
  /** Adds a span below the first span. */
  add(span: EndedSpan): void;
  /** Ends the first span, which began with the scope. */
  end(first: Omit<EndedSpan, 'ms'>): void;
  /** Returns the spans to send: none before `end`, and none of a trace that is not kept. */
  kept(): readonly Span[];
}

/** Settings of traces. */
export interface TraceOptions {
  system: Pick<System, 'now' | 'token'>;
  /** The span that caused this scope, in another service or in an earlier scope. */
  parent: SpanContext | null;
  /** Whether spans are collected. Otherwise the trace only passes its ids on. */
  records: boolean;
  /** The share of new traces to keep, from 0 to 1. */
  ratio: number;
  /** Whether the caller decides about its trace. Otherwise `ratio` decides for every trace. */
  parentBased: boolean;
  /** A trace whose first span takes this time or longer is always kept, in ms. */
  slowMs: number;
}

/** The maximum number of spans of a trace. Further spans are only counted. */
const MOST_SPANS = 256;
/** Sampling depends on the last 56 bits of a trace id, which have this number of values. */
const VALUES = 2 ** 56;

/** Starts the trace of a scope. */
export function createTrace({ system, parent, records, ratio, parentBased, slowMs }: TraceOptions): Trace {
  const traceId = parent?.traceId ?? idOf(system.token(), 32);
  // Without spans of its own, the scope passes its caller's span on.
  const spanId = records || !parent ? idOf(system.token(), 16) : parent.spanId;
  const sampled = parent && (parentBased || !records) ? parent.sampled : isSampled(traceId, ratio);
  const startedAt = system.now();
  const spans: Span[] = [];
  let dropped = 0;
  /** Whether any span has failed, also a dropped one. */
  let hasFailed = false;
  let first: Span | null = null;

  return {
    traceId,
    traceparent: formatTraceparent({ traceId, spanId, sampled }),
    add({ ms, ...span }) {
      if (!records) return;
      hasFailed ||= span.failed === true;
      if (spans.length >= MOST_SPANS) {
        dropped += 1;
        return;
      }
      const endedAt = system.now();
      const own = { traceId, spanId: idOf(system.token(), 16), parentSpanId: spanId };
      spans.push({ ...span, ...own, startedAt: endedAt - ms, endedAt });
    },
    end(span) {
      hasFailed ||= span.failed === true;
      const own = { traceId, spanId, parentSpanId: parent?.spanId ?? null };
      first = { ...span, ...own, startedAt, endedAt: system.now() };
    },
    kept() {
      if (!records || !first) return [];
      const isSlow = first.endedAt - first.startedAt >= slowMs;
      if (!sampled && !isSlow && !hasFailed) return [];
      const attributes = { ...first.attributes, ...(dropped > 0 ? { 'holdfast.dropped_spans': dropped } : {}) };
      return [{ ...first, attributes }, ...spans];
    },
  };
}

/** Returns an id of hexadecimal digits from the end of a random token (base64url). */
function idOf(token: string, digits: 16 | 32): string {
  const hex = Buffer.from(token, 'base64url').toString('hex').slice(-digits).padStart(digits, '0');
  // An id of zeros only is invalid.
  return /^0+$/.test(hex) ? `${hex.slice(0, -1)}1` : hex;
}

/**
 * Decides by the last 56 bits of the trace id, so that each service decides alike. Source: OpenTelemetry's consistent
 * probability sampling, https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
 */
function isSampled(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-14), 16) >= (1 - ratio) * VALUES;
}
