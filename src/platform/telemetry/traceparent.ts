/**
 * The header `traceparent` of W3C Trace Context, which names the trace of a request and the span that made the request.
 * Source: https://www.w3.org/TR/trace-context/#traceparent-header
 */

/** A span of any service, as other services name it. */
export interface SpanContext {
  /** 32 hexadecimal digits, not all zero. */
  traceId: string;
  /** 16 hexadecimal digits, not all zero. */
  spanId: string;
  /** Whether the caller records the trace. */
  sampled: boolean;
}

/** Version, trace id, span id and flags. Later versions may add fields. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads a header; `null` if the header breaks a rule of the standard. */
export function parseTraceparent(header: string): SpanContext | null {
  const [, version = '', traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header) ?? [];
  const isKnown = version === '00' ? more === undefined : version !== '' && version !== 'ff';
  if (!isKnown || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** Returns the header for a request that a span makes. */
export function formatTraceparent({ traceId, spanId, sampled }: SpanContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
