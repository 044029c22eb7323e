/** The examples of docs/limits.md, as code that runs: `test/platform/limits/examples.test.ts` runs each of them. */
import {
  bucket,
  fixed,
  type Limiter,
  limitProblem,
  rateLimitHeaders,
  rule,
  type Subject,
  sliding,
} from 'holdfast/limits';

/** Limits for every caller. Without Redis the API continues. */
export const apiByUser = rule('api-user', { window: sliding(100, '1m'), by: 'user', whenDown: 'open' });
export const apiByAddress = rule('api-address', { window: sliding(300, '1m'), by: 'ip', whenDown: 'open' });

/** A tenant's daily quota: resets at midnight (UTC). */
export const perDay = rule('per-day', { window: fixed(50_000, '1d'), by: 'tenant', whenDown: 'open' });

/** Password attempts: limited by address and by account, and refused if they cannot be counted. */
export const signInByAddress = rule('sign-in-address', { window: sliding(10, '1m'), by: 'ip', whenDown: 'closed' });
export const signInByEmail = rule('sign-in-email', {
  window: sliding(10, '1m'),
  by: ({ email = '' }) => email.toLowerCase(),
  whenDown: 'closed',
});

/** An export costs its number of rows: 5000 rows at once, then 1000 a minute. */
export const exportedRows = rule('exported-rows', {
  window: bucket({ capacity: 5000, refill: 1000, every: '1m' }),
  by: 'tenant',
  whenDown: 'local',
});

/** Any request: all rules in the one request to Redis. */
export async function anyRequest(limiter: Limiter, subject: Subject): Promise<Response> {
  const verdict = await limiter.check([apiByUser, apiByAddress, perDay], subject);
  const problem = limitProblem(verdict);
  if (problem) {
    const { status, type, title, members, headers } = problem;
    return Response.json({ type, title, status, ...members }, { status, headers });
  }
  return Response.json({ hello: 'world' }, { headers: rateLimitHeaders(verdict) });
}

/** A request that costs more than 1. */
export async function exportRows(limiter: Limiter, subject: Subject, rows: number): Promise<boolean> {
  const { allowed } = await limiter.check([exportedRows], subject, { cost: rows });
  return allowed;
}

/** Limits are consumed in the same round trip in which credentials are looked up. If the credentials are false: */
export async function withFalseCredentials(limiter: Limiter, claimed: Subject): Promise<void> {
  const verdict = await limiter.check([apiByUser, apiByAddress], claimed);
  await limiter.refund(verdict); // Refunds the user's quota, not the address's.
}

/** A caller exempt from the rules: counted, at no cost. */
export function administrator(limiter: Limiter, subject: Subject): boolean {
  return limiter.bypass([apiByUser, apiByAddress], subject).allowed;
}
