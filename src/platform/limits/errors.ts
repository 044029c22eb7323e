/** The error class of limits. */
import { CodedError } from '../coded-error.ts';

/**
 * - `LIMIT_RULE`: a rule, or a list of rules, is not valid: a mistake in the code.
 * - `LIMIT_COST`: a cost is not a whole number of at least 1, or is above the rule's limit, so that the request could
 *   never pass. No request to Redis was made, and no units were consumed.
 */
export type LimitErrorCode = 'LIMIT_RULE' | 'LIMIT_COST';

/** A limit was declared or used in a wrong way. A refused request is a verdict, not an error. */
export class LimitError extends CodedError<LimitErrorCode> {
  override readonly name = 'LimitError';
}
