/** A form that was refused is shown again: with its values, the reason as a sentence, and a new key for the next try. */
import { ProblemError } from '../../platform/http/index.ts';

/**
 * Runs the action of a form.
 * @returns the problem for which the form is shown again: a wrong field, or a refusal with one of these codes.
 */
export async function orRefusal<Result>(
  codes: readonly string[],
  act: () => Promise<Result>,
): Promise<Result | ProblemError> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ProblemError && ['VALIDATION_FAILED', ...codes].includes(error.code)) return error;
    throw error;
  }
}

/** Says why a form was refused. `names` are the labels of fields. */
export function Refusal({ problem, names }: { problem: ProblemError; names: Readonly<Record<string, string>> }) {
  const { message, fields } = problem;
  const wrong = fields.map(({ field, message: text }) => `${names[field.split('.')[0] ?? ''] ?? field} ${text}`);
  return (
    <p class="wrong" role="alert">
      {`${wrong.length > 0 ? wrong.join('; ') : message}.`}
    </p>
  );
}

/** The status of a page with a form that was refused. */
export function statusOf({ status }: ProblemError): 400 | 409 {
  return status === 409 ? 409 : 400;
}
