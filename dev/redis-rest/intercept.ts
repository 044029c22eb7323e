/**
 * Faults on demand: a test may inspect each request before the server runs it, and decide the outcome. A test delays
 * a request with an interceptor that waits before it returns `'pass'`.
 */
import type { Command } from './request.ts';

/** The input of an interceptor. Subscriptions have no interceptor. */
export interface InterceptedRequest {
  /** The raw request target, e.g. `/pipeline`. */
  path: string;
  commands: readonly Command[];
}

/**
 * The outcome of a request. `'pass'`: the server runs and answers the request; an object: the server sends this
 * response without running the request; `'drop-response'`: the server runs the request and cuts the connection;
 * `'hang'`: the server neither runs nor answers the request.
 */
export type Verdict = 'pass' | { status: number; body: unknown } | 'drop-response' | 'hang';

/** Decides the outcome of a request. */
export type Intercept = (request: InterceptedRequest) => Verdict | Promise<Verdict>;
