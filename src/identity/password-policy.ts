/** A new password that is not good enough is a field that is wrong. */
import { ProblemError } from '../platform/http/index.ts';
import { passwordProblem } from '../platform/passwords/index.ts';

/**
 * @param context words that belong to the account, which a password must not be made of.
 * @throws {ProblemError} 400 that says what is wrong with it.
 */
export function requireGoodPassword(password: string, context: readonly string[]): void {
  const message = passwordProblem(password, { context });
  if (message === null) return;
  throw new ProblemError(400, 'VALIDATION_FAILED', 'Check these fields: password', {
    fields: [{ field: 'password', message }],
  });
}
