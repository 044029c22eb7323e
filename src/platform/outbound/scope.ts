/** The services for calls to other systems. */
import type { Circuit, CircuitOptions } from './circuit.ts';

export interface OutboundScope {
  /** Creates the circuit breaker of a third party. All isolates share the state of the breaker. */
  circuit(options: CircuitOptions): Circuit;
  /** Sends requests to other services. */
  readonly fetch: typeof fetch;
  /** Sends requests to URLs that users choose. Outside local mode, private networks cannot be reached. */
  readonly publicFetch: typeof fetch;
}
