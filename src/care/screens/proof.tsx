/** A fresh proof of identity in the form of an action: the operations ask for one that is at most five minutes old. */
import { ProblemError } from '../../platform/http/index.ts';
import type { Visit } from './visit.ts';

/**
 * Runs an action of a form with the fields of {@link Proof}. With a password in the form, the user signs in first.
 * @returns the problem for which the form must be shown again: a missing or wrong proof.
 */
export async function withProof<Result>(visit: Visit, act: () => Promise<Result>): Promise<Result | ProblemError> {
  const { api, me, fields } = visit;
  const { email = '', password = '' } = fields;
  try {
    if (password !== '') await api.post('/auth/sign-in', { email, password, tenant: me.tenant });
    return await act();
  } catch (error) {
    if (error instanceof ProblemError && AGAIN.includes(error.code)) return error;
    throw error;
  }
}

const AGAIN: readonly string[] = ['SESSION_NOT_FRESH', 'WRONG_CREDENTIALS', 'VALIDATION_FAILED'];

/** Whether a problem is about the proof. */
export function asksForProof(problem: ProblemError | undefined): boolean {
  return problem !== undefined && problem.code !== 'VALIDATION_FAILED';
}

/** The fields of a proof, with the problem that asks for it. */
export function Proof({ problem }: { problem: ProblemError }) {
  const isWrong = problem.code !== 'SESSION_NOT_FRESH';
  return (
    <fieldset class="proof">
      <legend>Confirm that it is you</legend>
      <p class={isWrong ? 'wrong' : 'soft'} role="alert">
        {isWrong ? problem.message : 'Your last proof of identity is older than five minutes.'}
      </p>
      <label>
        E-mail address
        <input type="email" name="email" autocomplete="username" required maxlength={254} />
      </label>
      <label>
        Password
        <input type="password" name="password" autocomplete="current-password" required maxlength={1024} />
      </label>
    </fieldset>
  );
}
