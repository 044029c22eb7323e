/**
 * Decides the next step after a delivery attempt: done, a retry after a delay, or the dead-letter queue. The rules
 * apply in QStash's order. First: the response says that the message is not retryable. Second: no retries are left.
 * Then the delay is chosen: the delay that the destination requested, or the delay expression, or the default delay.
 */
import { parseGoDuration } from './durations.ts';
import { ExpressionError, evaluateRetryDelay } from './expression.ts';
import type { AttemptResponse } from './response.ts';

/** The retry settings of a message, and the number of its retries so far. */
export interface RetryState {
  retried: number;
  maxRetries: number;
  retryDelayExpression?: string | undefined;
}

/** The next step for the message. */
export type NextStep = { kind: 'delivered' } | { kind: 'retry'; delayMs: number } | { kind: 'failed' };

const DAY_SECONDS = 86_400;
/** Matches the start of an HTTP date. Date.parse alone would accept almost any text as a date, e.g. `-5`. */
const HTTP_DATE = /^[A-Z][a-z]{2,8}, \d/;
const WAIT_HEADERS = ['retry-after', 'x-ratelimit-reset', 'x-ratelimit-reset-requests', 'x-ratelimit-reset-tokens'];

/** Decides the next step after an attempt that ended at `now` (ms since the epoch). */
export function nextStep(response: AttemptResponse, state: RetryState, now: number): NextStep {
  const { status, headers } = response;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 489 && headers.get('upstash-nonretryable-error') === 'true') return { kind: 'failed' };
  if (state.retried >= state.maxRetries) return { kind: 'failed' };
  const delayMs = requestedDelayMs(headers, now) ?? configuredDelayMs(state);
  return { kind: 'retry', delayMs };
}

/** Returns the default delay before retry number `n` (from 1): 12 s, 148 s, 30m8s, 6h7m6s, then always 24 h. */
export function defaultRetryDelayMs(n: number): number {
  return Math.min(DAY_SECONDS, Math.floor(Math.exp(2.5 * n))) * 1_000;
}

function configuredDelayMs({ retried, retryDelayExpression }: RetryState): number {
  const standard = defaultRetryDelayMs(retried + 1);
  if (retryDelayExpression === undefined) return standard;
  try {
    return evaluateRetryDelay(retryDelayExpression, retried);
  } catch (error) {
    // The publish request was checked only with `retried` = 0. With a later value, the expression may divide by zero.
    if (error instanceof ExpressionError) return standard;
    throw error;
  }
}

/** Returns the delay that the destination requested; a delay of more than a day is ignored. */
function requestedDelayMs(headers: AttemptResponse['headers'], now: number): number | undefined {
  for (const name of WAIT_HEADERS) {
    const value = headers.get(name);
    const delayMs = value === null ? undefined : parseWait(value.trim(), now);
    if (delayMs !== undefined && delayMs <= DAY_SECONDS * 1_000) return Math.max(0, delayMs);
  }
  return undefined;
}

/** Parses seconds, an RFC 1123 date or a Go duration, and returns milliseconds from now. */
function parseWait(value: string, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1_000;
  const duration = parseGoDuration(value);
  if (duration !== undefined) return duration;
  const date = HTTP_DATE.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : date - now;
}
