/**
 * - `LIMIT_RULE`: a rule, or a list of rules, that makes no sense. A mistake in the code.
 * - `LIMIT_COST`: a cost that is not a whole number of at least 1, or more than the rule ever allows at once: waiting
 *   would not help the caller. Redis was not asked, and no units were taken.
 */
export type LimitErrorCode = 'LIMIT_RULE' | 'LIMIT_COST';

/** A limit was declared or used in a wrong way. A refused request is a verdict, not an error. */
export class LimitError extends Error {
  override readonly name = 'LimitError';
  readonly code: LimitErrorCode;

  constructor(code: LimitErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
