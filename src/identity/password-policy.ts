/** Refuses a weak new password as a wrong field. */
import { invalidField } from '../platform/http/index.ts';
import { passwordProblem } from '../platform/passwords/index.ts';

/**
 * Checks a new password.
 * @param context words of the account that the password must not consist of.
 * @throws {ProblemError} 400 with the reason.
 */
export function requireGoodPassword(password: string, context: readonly string[]): void {
  const message = passwordProblem(password, { context });
  if (message !== null) throw invalidField('password', message);
}
