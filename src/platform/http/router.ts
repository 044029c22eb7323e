/**
 * Routers whose routes describe themselves: a route's declaration validates requests before its handler runs, and is
 * part of the OpenAPI document. An invalid request gets a 400 that names each wrong field.
 */
import { OpenAPIHono, type z } from '@hono/zod-openapi';
import { type FieldProblem, ProblemError } from './problem.ts';
import type { AppEnv } from './scope.ts';

/**
 * An empty router of this app. A trailing slash is ignored: `/deals/` is the route `/deals`, in answers and in the log
 * too. A redirect would cost clients a request, and would have to be kept from leading to another host.
 */
export function createRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    strict: false,
    defaultHook: (result) => {
      if (!result.success) throw validationProblem(result.error);
    },
  });
}

/** A 400 that names every field that is wrong. */
export function validationProblem(error: { issues: readonly z.core.$ZodIssue[] }): ProblemError {
  const fields = error.issues.flatMap(fieldProblems);
  const names = [...new Set(fields.map(({ field }) => field))].join(', ');
  return new ProblemError(400, 'VALIDATION_FAILED', `Check these fields: ${names}`, { fields });
}

function fieldProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: [...path, key].join('.'), message: 'is not a known field' }));
  }
  return [{ field: path.length > 0 ? path.join('.') : 'body', message: issue.message }];
}
