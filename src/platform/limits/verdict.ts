/** What a check says: whether a request may go on, and how each rule stands. It names rules and never identifiers. */

/** How one rule stands after a check. */
export interface RuleState {
  /** The rule's name, which is also that of the policy clients are shown. */
  readonly rule: string;
  readonly allowed: boolean;
  /** In units of cost. */
  readonly limit: number;
  readonly windowMs: number;
  /** What is left now; `null` where nobody knows, because Redis did not answer. */
  readonly remaining: number | null;
  /**
   * If allowed: ms until the current chunk or refill period ends, and usually more is left. If refused, as
   * `retryAfterMs`.
   */
  readonly resetMs: number;
  /** If refused: ms until the same request would pass if nobody else takes anything. Else 0. */
  readonly retryAfterMs: number;
  /** Whether Redis did not answer, so that `whenDown` decided. */
  readonly degraded: boolean;
}

/** What a check says. */
export interface Verdict {
  readonly allowed: boolean;
  /** Why not: somebody asked too much, or nobody could tell. `null` if allowed. */
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
