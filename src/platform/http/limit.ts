/**
 * Limits in HTTP: checks the rules of a request, shows their state in headers, and answers refusals with problems.
 */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { limitProblem, type Rule, rateLimitHeaders, type Subject, type Verdict } from '../limits/index.ts';
import { NO_TENANT } from '../redis/index.ts';
import { ProblemError } from './problem.ts';
import type { AppEnv } from './scope.ts';

/** The parts of a subject other than the address, for rules that count by tenant, user or account. */
export type SubjectParts = Partial<Pick<Subject, 'tenant' | 'user' | 'account'>>;

/** Returns the subject that the rules count: the address, and the given parts. */
export function subjectOf(c: Context<AppEnv>, { tenant = NO_TENANT, user, account }: SubjectParts = {}): Subject {
  return {
    tenant,
    ip: c.get('clientIp') ?? undefined,
    ...(user === undefined ? {} : { user }),
    ...(account === undefined ? {} : { account }),
  };
}

/** Adds the headers of a verdict to the answer, and throws if the verdict is a refusal. */
export function answerVerdict(c: Context<AppEnv>, verdict: Verdict): void {
  const problem = limitProblem(verdict);
  if (!problem) {
    for (const [name, value] of Object.entries(rateLimitHeaders(verdict))) c.header(name, value);
    return;
  }
  const { status, code, detail, type, title, members, headers } = problem;
  throw new ProblemError(status as ContentfulStatusCode, code, detail, {
    type,
    members: { title, ...members },
    headers,
  });
}

/**
 * Consumes a request's cost from each rule, for routes without a gate, such as signing in.
 * @throws {ProblemError} 429 if a rule refuses, 503 if Redis does not answer and a rule has `whenDown: 'closed'`.
 */
export async function enforceLimits(c: Context<AppEnv>, rules: readonly Rule[], subject: Subject): Promise<void> {
  answerVerdict(c, await c.get('scope').limiter.check(rules, subject));
}
