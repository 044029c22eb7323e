/**
 * The invariant of a gate: everything that must be known before a handler runs leaves in **one** request to Redis.
 * The client joins lookups that start in the same turn of the event loop, and only reads that start before the first
 * write become one command. So the order of the three lines in {@link askOnce} is part of the guarantee.
 */
import type { Limiter, Rule, Subject, Verdict } from '../limits/index.ts';

/** The answers to what a gate asks. */
export interface Asked<Caller> {
  verdict: Verdict;
  /** The verified caller; `null` if the credentials are false, or were not verified. */
  caller: Caller | null;
}

/** What a gate asks. */
export interface Questions<Caller> {
  limiter: Pick<Limiter, 'check'>;
  rules: readonly Rule[];
  /** Whose requests the rules count. */
  subject: Subject;
  /** Starts the lookup of the credentials; the function it returns verifies them. */
  begin(): () => Promise<Caller | null>;
  /** Starts the lookups of the route's cached data. */
  prefetch?(): void;
  /** Whether to verify the credentials of a request that a limit refuses: not if that may query the database. */
  verifiesRefused: boolean;
}

/** Looks up the credentials, the route's data and the limits: 1 request, with a command for each rule and those of `begin`. */
export async function askOnce<Caller>(questions: Questions<Caller>): Promise<Asked<Caller>> {
  const identify = questions.begin();
  questions.prefetch?.();
  const verdict = await questions.limiter.check(questions.rules, questions.subject);

  const caller = verdict.allowed || questions.verifiesRefused ? await identify() : null;
  return { verdict, caller };
}
