/** The HTTP headers of verdicts, parsed back by a parser of structured fields (RFC 9651). */
import fc from 'fast-check';
import { parseList } from 'structured-headers';
import { describe, expect, test } from 'vitest';
import { limitProblem, type RuleState, rateLimitHeaders } from '../../../src/platform/limits/index.ts';
import { verdictOf } from '../../../src/platform/limits/verdict.ts';

const passing: RuleState = {
  rule: 'api-user',
  allowed: true,
  limit: 100,
  windowMs: 60_000,
  remaining: 50,
  resetMs: 29_001,
  retryAfterMs: 0,
  degraded: false,
};
const limited: RuleState = {
  ...passing,
  rule: 'api-ip',
  allowed: false,
  remaining: 0,
  resetMs: 1001,
  retryAfterMs: 1001,
};
const unknown: RuleState = { ...passing, rule: 'sign-in', remaining: null, degraded: true };
const closed: RuleState = { ...unknown, allowed: false, resetMs: 1000, retryAfterMs: 1000 };

describe('headers', () => {
  test('of an allowed request: every rule', () => {
    expect(rateLimitHeaders(verdictOf([passing, { ...passing, rule: 'daily', windowMs: 1500, resetMs: 1 }]))).toEqual({
      'ratelimit-policy': '"api-user";q=100;w=60, "daily";q=100;w=2',
      ratelimit: '"api-user";r=50;t=30, "daily";r=50;t=1',
    });
  });

  test('of a refused request: all policies, the remaining quota of those that refused, and when to retry', () => {
    expect(
      rateLimitHeaders(
        verdictOf([passing, limited, { ...limited, rule: 'daily', resetMs: 90_000, retryAfterMs: 90_000 }]),
      ),
    ).toEqual({
      'ratelimit-policy': '"api-user";q=100;w=60, "api-ip";q=100;w=60, "daily";q=100;w=60',
      ratelimit: '"api-ip";r=0;t=2, "daily";r=0;t=90',
      'retry-after': '90',
    });
  });

  test('an unknown quota is not shown', () => {
    expect(rateLimitHeaders(verdictOf([unknown]))).toEqual({ 'ratelimit-policy': '"sign-in";q=100;w=60' });
    expect(rateLimitHeaders(verdictOf([closed]))).toEqual({
      'ratelimit-policy': '"sign-in";q=100;w=60',
      'retry-after': '1',
    });
    expect(rateLimitHeaders(verdictOf([]))).toEqual({});
  });

  test('are structured fields that match the states; Retry-After is never earlier than `t` or the reset', () => {
    const state = fc
      .record({
        rule: fc.stringMatching(/^[a-z][a-z0-9-]{0,63}$/),
        allowed: fc.boolean(),
        limit: fc.integer({ min: 1, max: 1e9 }),
        windowMs: fc.integer({ min: 1, max: 31 * 86_400_000 }),
        remaining: fc.integer({ min: 0, max: 1e9 }),
        wait: fc.integer({ min: 1, max: 62 * 86_400_000 }),
      })
      .map(({ wait, ...rest }) => ({ ...rest, degraded: false, resetMs: wait, retryAfterMs: rest.allowed ? 0 : wait }));
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 5 }), (states) => {
        const verdict = verdictOf(states);
        const headers = rateLimitHeaders(verdict);
        const policies = parseList(headers['ratelimit-policy'] ?? '');
        expect(policies.map(([name, parameters]) => [name, ...parameters])).toEqual(
          states.map(({ rule, limit, windowMs }) => [rule, ['q', limit], ['w', Math.ceil(windowMs / 1000)]]),
        );
        const limits = parseList(headers.ratelimit ?? '');
        const shown = verdict.allowed ? states : verdict.violated;
        expect(limits.map(([name]) => name)).toEqual(shown.map(({ rule }) => rule));
        for (const [index, [, parameters]] of limits.entries()) {
          expect(parameters.get('r')).toBe(shown[index]?.remaining);
          expect(Number(parameters.get('t')) * 1000).toBeGreaterThanOrEqual(shown[index]?.resetMs ?? 0);
          if (!verdict.allowed) {
            expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(Number(parameters.get('t')));
          }
        }
        expect(headers['retry-after'] !== undefined).toBe(!verdict.allowed);
      }),
      { numRuns: 500 },
    );
  });
});

describe('problems', () => {
  test('an allowed request has none', () => {
    expect(limitProblem(verdictOf([passing, unknown]))).toBeNull();
  });

  test('limited is 429 and names the policies; the known reason wins over the unknown one', () => {
    expect(limitProblem(verdictOf([passing, limited, closed]))).toEqual({
      status: 429,
      code: 'RATE_LIMITED',
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'Request cannot be satisfied as assigned quota has been exceeded',
      detail: 'Too many requests: try again in 2 s',
      members: { 'violated-policies': ['api-ip', 'sign-in'] },
      headers: {
        'ratelimit-policy': '"api-user";q=100;w=60, "api-ip";q=100;w=60, "sign-in";q=100;w=60',
        ratelimit: '"api-ip";r=0;t=2',
        'retry-after': '2',
      },
    });
  });

  test('unavailable is 503', () => {
    expect(limitProblem(verdictOf([passing, closed]))).toMatchObject({
      status: 503,
      code: 'LIMITS_UNAVAILABLE',
      type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
      members: { 'violated-policies': ['sign-in'] },
      headers: { 'retry-after': '1' },
    });
  });
});
