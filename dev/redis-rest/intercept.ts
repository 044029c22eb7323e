/**
 * Faults on demand. A test may inspect each request before the server runs it, and decide its outcome. To delay a
 * request, the interceptor waits before it returns `'pass'`.
 */
import type { Command } from './request.ts';

/** The input of an interceptor. A subscription is the command `SUBSCRIBE` or `PSUBSCRIBE` with its names. */
export interface InterceptedRequest {
  /** The raw request target, e.g. `/pipeline`. */
  path: string;
  commands: readonly Command[];
}

/**
 * The outcome of a request:
 * - `'pass'`: the server runs and answers the request.
 * - an object: the server sends this response and does not run the request.
 * - `'drop-response'`: the server runs the request and cuts the connection.
 * - `'hang'`: the server neither runs nor answers the request.
 */
export type Verdict = 'pass' | { status: number; body: unknown } | 'drop-response' | 'hang';

/** Decides the outcome of a request. */
export type Intercept = (request: InterceptedRequest) => Verdict | Promise<Verdict>;

/** Decides whether a subscriber receives a message: `false` loses the message, as pub/sub may at any time. */
export type InterceptMessage = (channel: string, message: string) => boolean;
