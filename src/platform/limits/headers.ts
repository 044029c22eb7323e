/**
 * The headers and problems of a verdict. `RateLimit-Policy` and `RateLimit` are those of
 * draft-ietf-httpapi-ratelimit-headers-10, written as structured fields (RFC 9651). `Retry-After` is that of RFC 9110,
 * section 10.2.3. The problem types are those of the same draft. The functions return plain data and send nothing.
 */
import { type BareItem, type Item, serializeList } from 'structured-headers';
import { retryAfter } from '../duration.ts';
import type { RuleState, Verdict } from './verdict.ts';

/** Headers of an answer, by their names in lower case. */
export type LimitHeaders = Partial<Record<'ratelimit-policy' | 'ratelimit' | 'retry-after', string>>;

/** The problem (RFC 9457) that answers a refused request. */
export interface LimitProblem {
  readonly status: 429 | 503;
  readonly code: 'RATE_LIMITED' | 'LIMITS_UNAVAILABLE';
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  /** Members in addition to the members of RFC 9457. */
  readonly members: { readonly 'violated-policies': readonly string[] };
  readonly headers: LimitHeaders;
}

const TYPES = 'https://iana.org/assignments/http-problem-types';

/**
 * Returns the headers of an answer to an allowed or a refused request. For a refused request, `RateLimit` lists only
 * the rules that refused, because the other rules do not show when to come back. The draft also forbids a `Retry-After`
 * that is earlier than the time `t` of a listed rule. Unknown values are left out.
 */
export function rateLimitHeaders(verdict: Verdict): LimitHeaders {
  const shown = verdict.allowed ? verdict.states : verdict.violated;
  const policies = verdict.states.map(({ rule, limit, windowMs }) => item(rule, { q: limit, w: seconds(windowMs) }));
  const limits = shown.flatMap(({ rule, remaining, resetMs }) =>
    remaining === null ? [] : [item(rule, { r: remaining, t: seconds(resetMs) })],
  );
  return {
    ...(policies.length > 0 ? { 'ratelimit-policy': serializeList(policies) } : {}),
    ...(limits.length > 0 ? { ratelimit: serializeList(limits) } : {}),
    ...(verdict.allowed ? {} : retryAfter(longestWaitMs(verdict.violated))),
  };
}

/** Returns the problem of a refused request; `null` if the request was not refused. */
export function limitProblem(verdict: Verdict): LimitProblem | null {
  if (verdict.reason === null) return null;
  const headers = rateLimitHeaders(verdict);
  const members = { 'violated-policies': verdict.violated.map(({ rule }) => rule) };
  return verdict.reason === 'limited'
    ? {
        status: 429,
        code: 'RATE_LIMITED',
        type: `${TYPES}#quota-exceeded`,
        title: 'Request cannot be satisfied as assigned quota has been exceeded',
        detail: `Too many requests: try again in ${headers['retry-after']} s`,
        members,
        headers,
      }
    : {
        status: 503,
        code: 'LIMITS_UNAVAILABLE',
        type: `${TYPES}#temporary-reduced-capacity`,
        title: 'Request cannot be satisfied due to temporary server capacity constraints',
        detail: 'Rate limits cannot be checked right now; try again',
        members,
        headers,
      };
}

function longestWaitMs(violated: readonly RuleState[]): number {
  return Math.max(0, ...violated.map(({ retryAfterMs }) => retryAfterMs));
}

/**
 * Converts ms to whole seconds, rounded up, so that no caller comes back too early and no window is shown too short.
 */
function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

function item(name: string, parameters: Record<string, BareItem>): Item {
  return [name, new Map(Object.entries(parameters))];
}
