/** The services of code that calls other systems. */
import type { Circuit, CircuitOptions } from './circuit.ts';

export interface OutboundScope {
  /** The breaker of a third party, shared by all isolates. */
  circuit(options: CircuitOptions): Circuit;
  /** Sends requests to other services. */
  readonly fetch: typeof fetch;
  /** Sends requests to URLs that users choose; it reaches no private network outside local mode. */
  readonly publicFetch: typeof fetch;
}
