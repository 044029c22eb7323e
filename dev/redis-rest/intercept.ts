/**
 * Faults on demand: a test may inspect each request before it runs and decide its outcome. A delay is an interceptor
 * that waits before it answers `'pass'`.
 */
import type { Command } from './request.ts';

/** The input of an interceptor; subscriptions are not intercepted. */
export interface InterceptedRequest {
  /** The raw request target, e.g. `/pipeline`. */
  path: string;
  commands: readonly Command[];
}

/**
 * The outcome of a request: run and answered; answered with this and not run; run, but the connection breaks instead
 * of the response; neither run nor answered.
 */
export type Verdict = 'pass' | { status: number; body: unknown } | 'drop-response' | 'hang';

/** Decides about a request. */
export type Intercept = (request: InterceptedRequest) => Verdict | Promise<Verdict>;
