/**
 * The guarantee of a gate: all lookups that are needed before a handler runs are sent in **one** request to Redis.
 * The client joins lookups that start in the same turn of the event loop, and only reads that start before the first
 * write become one command. So the order of the three lines in {@link askOnce} is part of the guarantee.
 */
import type { Limiter, Rule, Subject, Verdict } from '../limits/index.ts';

/** The results of a gate's lookups. */
export interface Asked<Caller> {
  verdict: Verdict;
  /** The verified caller; `null` if the credentials are false, or were not verified. */
  caller: Caller | null;
}

/** The lookups of a gate. */
export interface Questions<Caller> {
  limiter: Pick<Limiter, 'check'>;
  rules: readonly Rule[];
  /** The caller whose requests the rules count. */
  subject: Subject;
  /** Starts the lookup of the credentials. The returned function verifies the credentials. */
  begin(): () => Promise<Caller | null>;
  /** Starts the lookups of the route's cached data. */
  prefetch?(): void;
  /**
   * `true`: the credentials are verified even if a limit refuses the request. Use `false` if the verification may query
   * the database.
   */
  verifiesRefused: boolean;
}

/**
 * Looks up the credentials, the route's data and the limits. 1 request, with 1 command for each rule and the commands
 * of `begin`.
 */
export async function askOnce<Caller>(questions: Questions<Caller>): Promise<Asked<Caller>> {
  const identify = questions.begin();
  questions.prefetch?.();
  const verdict = await questions.limiter.check(questions.rules, questions.subject);

  const caller = verdict.allowed || questions.verifiesRefused ? await identify() : null;
  return { verdict, caller };
}
