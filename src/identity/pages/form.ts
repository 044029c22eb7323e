/**
 * Forms without scripts. A form is checked with the schema of the corresponding JSON route. Errors are shown on the
 * form's page, with the status code that the JSON route would return.
 */
import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type AppEnv, type ProblemError, problemOf, validationProblem } from '../../platform/http/index.ts';
import type { Page } from './layout.ts';
import { answerPage } from './layout.ts';

/** Reads the fields of a form as texts. Empty fields count as not sent; files and unexpected fields are dropped. */
export async function readForm<Name extends string>(
  c: Context<AppEnv>,
  names: readonly Name[],
): Promise<Partial<Record<Name, string>>> {
  const body = await c.req.parseBody();
  const given: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = body[name];
    if (typeof value === 'string' && value !== '') given[name] = value;
  }
  return given;
}

/** Removes spaces and hyphens from a code of digits, because users may type them between the groups. */
export function asTyped(code: string | undefined): string | undefined {
  return code !== undefined && /^[\d\s-]+$/.test(code) ? code.replace(/[\s-]/g, '') : code;
}

/**
 * Checks the fields of a form.
 * @throws {ProblemError} 400 that names each wrong field.
 */
export function checkForm<Schema extends z.ZodType>(schema: Schema, fields: object): z.output<Schema> {
  const parsed = schema.safeParse(fields);
  if (!parsed.success) throw validationProblem(parsed);
  return parsed.data;
}

/**
 * Handles a submitted form. If a problem occurs, the answer is the page of the form with the problem, so that the user
 * can try again.
 */
export async function submit(
  c: Context<AppEnv>,
  act: () => Promise<Response>,
  tryAgain: (problem: ProblemError) => Omit<Page, 'problem'>,
): Promise<Response> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const problem = problemOf(error, c);
    return answerPage(c, { ...tryAgain(problem), problem });
  }
}
