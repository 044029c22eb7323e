/** Adds a span for each outgoing request, and tells the receiver the trace. */
import type { Trace } from './trace.ts';

/**
 * Returns a `fetch` whose requests are spans of a trace and carry its `traceparent`. A span has the host of the
 * request; the path may have secrets.
 */
export function tracedFetch(trace: Trace, { now }: { now(): number }, send: typeof fetch): typeof fetch {
  return async function fetchTraced(input, init) {
    const started = now();
    const request = typeof input === 'object' && 'method' in input ? input : null;
    const url = new URL(request ? request.url : String(input));
    const method = (init?.method ?? request?.method ?? 'GET').toUpperCase();
    const headers = new Headers(init?.headers ?? request?.headers);
    headers.set('traceparent', trace.traceparent);
    const end = (attributes: { 'http.response.status_code'?: number; 'error.type'?: string }, failed: boolean) =>
      trace.add({
        name: `${method} ${url.host}`,
        kind: 'client',
        ms: now() - started,
        attributes: { 'http.request.method': method, 'server.address': url.hostname, ...attributes },
        failed,
      });
    try {
      const response = await send(input, { ...init, headers });
      end({ 'http.response.status_code': response.status }, response.status >= 400);
      return response;
    } catch (error) {
      end({ 'error.type': error instanceof Error ? error.name : 'unknown' }, true);
      throw error;
    }
  };
}
