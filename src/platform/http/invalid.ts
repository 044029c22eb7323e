/** A request with invalid fields: a 400 that names each field and tells which values are allowed. */
import type { z } from '@hono/zod-openapi';
import { type FieldProblem, ProblemError } from './problem.ts';

/** The maximum number of fields that the problem's `detail` names; `errors` names all fields. */
const FIELDS_IN_DETAIL = 3;

/**
 * Returns a 400 for these fields. Each message continues the sentence that the field's name begins: `must be a number`.
 */
export function invalidFields(fields: readonly FieldProblem[]): ProblemError {
  const sentences = fields.slice(0, FIELDS_IN_DETAIL).map(({ field, message }) => `${field} ${message}`);
  const others = fields.length - sentences.length;
  const detail = [...sentences, ...(others > 0 ? [`${others} more in errors`] : [])].join('; ');
  return new ProblemError(400, 'VALIDATION_FAILED', detail, { fields });
}

/** Returns a 400 for one field; see {@link invalidFields}. */
export function invalidField(field: string, message: string): ProblemError {
  return invalidFields([{ field, message }]);
}

/** The values of a request, and the issues of the schema that refused them. */
export interface RefusedInput {
  error: { issues: readonly z.core.$ZodIssue[] };
  /** The part of the request: `json`, `query`, `param`, `form`, … */
  target?: string;
  data?: unknown;
}

/** Returns a 400 that names every field that a schema refused. */
export function validationProblem({ error, target, data }: RefusedInput): ProblemError {
  const noun = target === 'query' ? 'parameter' : 'field';
  const values = Object(data) as Readonly<Record<string, unknown>>;
  return invalidFields(
    error.issues.flatMap((issue) => {
      const path = issue.path.map(String);
      if (issue.code === 'unrecognized_keys') {
        return issue.keys.map((key) => ({ field: [...path, key].join('.'), message: `is not a known ${noun}` }));
      }
      const [name = ''] = path;
      const isRepeated = target === 'query' && Object.hasOwn(values, name) && Array.isArray(values[name]);
      const message = isRepeated ? 'may be given only once' : issue.message;
      return [{ field: path.length > 0 ? path.join('.') : 'body', message }];
    }),
  );
}
