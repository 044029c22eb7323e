/** The error of an audited read that is refused, because its entry is not in the log. */
import { CodedError } from '../coded-error.ts';

/**
 * - `READ_NOT_LOGGED`: the log did not confirm the entry. The entry may be there all the same.
 * - `READ_LOG_FULL`: the log has reached the share of its bound at which audited reads are refused.
 */
export type ReadLogErrorCode = 'READ_NOT_LOGGED' | 'READ_LOG_FULL';

/** An audited read that is not shown. Answer 503. */
export class ReadLogError extends CodedError<ReadLogErrorCode> {
  override readonly name = 'ReadLogError';
}

/** Turns any error of an append into `READ_NOT_LOGGED`: `promise.catch(notLogged)`. */
export function notLogged(cause: unknown): never {
  throw new ReadLogError('READ_NOT_LOGGED', 'The entry of this read could not be written, so nothing is shown', {
    cause,
  });
}
