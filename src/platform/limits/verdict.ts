/** The result of a check: whether a request may go on, and the state of each rule. A verdict never names callers. */

/** The state of one rule after a check. */
export interface RuleState {
  /** The rule's name, which is also the policy name that clients see. */
  readonly rule: string;
  readonly allowed: boolean;
  /** The limit in units of cost. */
  readonly limit: number;
  readonly windowMs: number;
  /** The units left now; `null` if the number is unknown, because Redis did not answer. */
  readonly remaining: number | null;
  /**
   * If allowed: ms until the current chunk or refill period ends; then usually more units are left. If refused: the
   * same value as `retryAfterMs`.
   */
  readonly resetMs: number;
  /** If refused: ms until the same request would pass, if no other request consumes units. If allowed: 0. */
  readonly retryAfterMs: number;
  /** `true` if Redis did not answer or refused to count, so that `whenDown` decided. */
  readonly degraded: boolean;
}

/** The result of a check. */
export interface Verdict {
  readonly allowed: boolean;
  /** The reason of a refusal: a rule's limit is used up, or Redis did not answer. `null` if allowed. */
  readonly reason: 'limited' | 'unavailable' | null;
  /** The states of all checked rules, in the given order. */
  readonly states: readonly RuleState[];
  /** The states of the rules that refused. */
  readonly violated: readonly RuleState[];
  /** `true` if the rules were not checked, because the caller may bypass them. */
  readonly bypassed: boolean;
}

/** Makes the verdict that follows from the states of the rules. */
export function verdictOf(states: readonly RuleState[]): Verdict {
  const violated = states.filter(({ allowed }) => !allowed);
  const known = violated.some(({ remaining }) => remaining !== null);
  const reason = violated.length === 0 ? null : known ? 'limited' : 'unavailable';
  return { allowed: violated.length === 0, reason, states, violated, bypassed: false };
}
