/** The result of a check: whether a request may go on, and the state of each rule. Names rules, never identifiers. */

/** The state of one rule after a check. */
export interface RuleState {
  /** The rule's name, which is also the policy name that clients see. */
  readonly rule: string;
  readonly allowed: boolean;
  /** In units of cost. */
  readonly limit: number;
  readonly windowMs: number;
  /** The units left now; `null` if Redis did not answer, so that they are unknown. */
  readonly remaining: number | null;
  /**
   * If allowed: ms until the current chunk or refill period ends, and usually more is left. If refused, as
   * `retryAfterMs`.
   */
  readonly resetMs: number;
  /** If refused: ms until the same request would pass if no other request takes units. Else 0. */
  readonly retryAfterMs: number;
  /** Whether Redis did not answer, so that `whenDown` decided. */
  readonly degraded: boolean;
}

/** The result of a check. */
export interface Verdict {
  readonly allowed: boolean;
  /** Why not: a rule's limit is used up, or Redis did not answer. `null` if allowed. */
  readonly reason: 'limited' | 'unavailable' | null;
  /** Every rule that was asked, in the order given. */
  readonly states: readonly RuleState[];
  /** Those that refused. */
  readonly violated: readonly RuleState[];
  /** Whether the rules were not asked, because the caller may do without. */
  readonly bypassed: boolean;
}

/** The verdict that follows from the states of the rules. */
export function verdictOf(states: readonly RuleState[]): Verdict {
  const violated = states.filter(({ allowed }) => !allowed);
  const known = violated.some(({ remaining }) => remaining !== null);
  const reason = violated.length === 0 ? null : known ? 'limited' : 'unavailable';
  return { allowed: violated.length === 0, reason, states, violated, bypassed: false };
}
