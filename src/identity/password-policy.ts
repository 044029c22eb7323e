/** Refuses a weak new password with a 400 that names the field. */
import { invalidField } from '../platform/http/index.ts';
import { passwordProblem } from '../platform/passwords/index.ts';

/**
 * Checks a new password.
 * @param context words of the account that make a password guessable, such as the e-mail address.
 * @throws {ProblemError} 400 with the reason.
 */
export function requireGoodPassword(password: string, context: readonly string[]): void {
  const message = passwordProblem(password, { context });
  if (message !== null) throw invalidField('password', message);
}
