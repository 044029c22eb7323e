/**
 * Sends spans and metrics to a collector by OTLP/HTTP. A failure is logged and the data are dropped: a retry would keep
 * the isolate busy while the collector is overloaded.
 */
import type { Log } from '../log.ts';
import { metricsBody, type Service, tracesBody } from './otlp.ts';
import type { Span } from './trace.ts';

/** Sends telemetry. */
export interface Exporter {
  /** Sends spans. 1 request; 0 without spans. Never throws. */
  sendSpans(spans: readonly Span[], log: Log): Promise<void>;
  /** Sends metrics in the form of the protocol. 1 request. Never throws. */
  sendMetrics(metrics: readonly object[], log: Log): Promise<void>;
}

/** Settings of an {@link Exporter}. */
export interface ExporterOptions {
  /** The base URL of the collector, such as `http://localhost:4318`. */
  endpoint: string;
  /** Headers for the collector. */
  headers: Readonly<Record<string, string>>;
  service: Service;
  fetch: typeof fetch;
}

/** The time limit of a request to the collector, in ms. */
const TIMEOUT_MS = 2_000;

/** Creates an exporter, without I/O. */
export function createExporter({ endpoint, headers, service, fetch: send }: ExporterOptions): Exporter {
  const base = endpoint.replace(/\/+$/, '');
  const all = { ...headers, 'content-type': 'application/json' };

  async function post(signal: 'traces' | 'metrics', body: object, log: Log): Promise<void> {
    try {
      const response = await send(`${base}/v1/${signal}`, {
        method: 'POST',
        headers: all,
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (!response.ok) log.warn('telemetry.not_sent', { signal, status: response.status });
    } catch (error) {
      log.warn('telemetry.not_sent', { signal, error });
    }
  }

  return {
    async sendSpans(spans, log) {
      if (spans.length > 0) await post('traces', tracesBody(service, spans), log);
    },
    sendMetrics: (metrics, log) => post('metrics', metricsBody(service, metrics), log),
  };
}
