/**
 * Faults on demand: a test may look at each request before it runs and decide what becomes of it. A delay is an
 * interceptor that waits before it answers `'pass'`.
 */
import type { Command } from './request.ts';

/** What an interceptor is shown; subscriptions pass unseen. */
export interface InterceptedRequest {
  /** The raw request target, e.g. `/pipeline`. */
  path: string;
  commands: readonly Command[];
}

/**
 * What becomes of a request: run and answered; answered with this and not run; run, but the connection breaks instead
 * of the answer; neither run nor answered.
 */
export type Verdict = 'pass' | { status: number; body: unknown } | 'drop-response' | 'hang';

/** Decides about a request. */
export type Intercept = (request: InterceptedRequest) => Verdict | Promise<Verdict>;
