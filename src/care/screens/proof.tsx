/**
 * A fresh proof of the second factor in the form of an action: the operations ask for one that is at most five minutes
 * old.
 */
import { ProblemError } from '../../platform/http/index.ts';
import type { Visit } from './visit.ts';

/**
 * Runs an action of a form with the field of {@link Proof}. With a code in the form, the user proves the factor first.
 * @returns the problem for which the form must be shown again: a missing or wrong proof, or a wrong field.
 */
export async function withProof<Result>(visit: Visit, act: () => Promise<Result>): Promise<Result | ProblemError> {
  const { code = '' } = visit.fields;
  const wrong = code.trim() === '' ? null : await prove(visit, code.trim());
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    if (error.code === 'SESSION_NOT_FRESH') return wrong ?? error;
    if (error.code === 'VALIDATION_FAILED') return error;
    throw error;
  }
}

/**
 * Proves the factor, and returns the problem of a wrong code. If a form is sent twice, its code is wrong the second
 * time, because each code works once.
 */
async function prove({ api }: Visit, code: string): Promise<ProblemError | null> {
  try {
    await api.post('/auth/factor/again', proofOf(code));
    return null;
  } catch (error) {
    if (error instanceof ProblemError && ['WRONG_FACTOR', 'VALIDATION_FAILED'].includes(error.code)) return error;
    throw error;
  }
}

/** Tells a code of the app, whose digits people may type in groups, from a recovery code, which has 22 characters. */
function proofOf(code: string): { code: string } | { recoveryCode: string } {
  if (code.length === 22) return { recoveryCode: code };
  return { code: code.replace(/[\s-]/g, '') };
}

/** Whether a problem is about the proof. */
export function asksForProof({ code, fields }: ProblemError): boolean {
  return code !== 'VALIDATION_FAILED' || fields.some(({ field }) => field === 'code' || field === 'recoveryCode');
}

/** The field of a form for a proof, below the problem that asks for the proof. */
export function Proof({ problem }: { problem: ProblemError }) {
  const isWrong = problem.code !== 'SESSION_NOT_FRESH';
  return (
    <fieldset class="proof">
      <legend>Confirm that it is you</legend>
      <p class={isWrong ? 'wrong' : 'soft'} role="alert">
        {isWrong ? problem.message : 'Your last proof of the second factor is older than five minutes.'}
      </p>
      <label>
        Code of your authenticator app, or a recovery code
        <input
          name="code"
          autocomplete="one-time-code"
          autocapitalize="none"
          spellcheck={false}
          required
          maxlength={40}
        />
      </label>
    </fieldset>
  );
}
