/** Traces of requests and jobs, and their way to a collector by OTLP/HTTP. */
export { createExporter, type Exporter, type ExporterOptions } from './exporter.ts';
export { attributesBody, metricsBody, nanoseconds } from './otlp.ts';
export { type Attributes, createTrace, type EndedSpan, type Span, type Trace, type TraceOptions } from './trace.ts';
export { tracedFetch } from './traced-fetch.ts';
export { formatTraceparent, parseTraceparent, type SpanContext } from './traceparent.ts';
