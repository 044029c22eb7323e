/**
 * The invariant of the gate: everything that must be known before a handler runs leaves in **one** request to Redis.
 * The client joins lookups that start in the same turn of the event loop, and only reads that start before the first
 * write become one command. So the order of the three lines in {@link askOnce} is part of the guarantee.
 */
import type { Context } from 'hono';
import type { Rule, Verdict } from '../limits/index.ts';
import type { Presented } from './credentials.ts';
import { subjectOf } from './limit.ts';
import type { AppEnv, Caller, TenantScope } from './scope.ts';

/** The answers to what a gate asks. */
export interface Asked {
  verdict: Verdict;
  /** The verified caller; `null` if the credentials are false, or were not looked up. */
  caller: Caller | null;
}

/** The questions beside the credentials. */
export interface Questions {
  rules: readonly Rule[];
  /** Starts the lookups of the route's cached data. */
  prefetch?: ((cache: TenantScope['cache'], c: Context<AppEnv>) => void) | undefined;
}

/**
 * Looks up the credentials, the route's data and the limits. 1 request: 1 command for an API key and everything the
 * route reads, or 2 for a session, and 1 for each rule.
 */
export async function askOnce(
  c: Context<AppEnv>,
  presented: Presented,
  claimed: TenantScope,
  { rules, prefetch }: Questions,
): Promise<Asked> {
  const { scope } = c.var;
  const identify = presented.begin(scope, claimed);
  prefetch?.(claimed.cache, c);
  const verdict = await scope.limiter.check(rules, subjectOf(c, presented));

  // If a limit refused the request, do not look up the API key: invented keys must never reach the database.
  const caller = verdict.allowed || presented.kind !== 'api-key' ? await identify() : null;
  // The gate's own reads are not the route's data.
  scope.reads.length = 0;
  return { verdict, caller };
}
