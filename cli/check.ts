/** Checks the arguments with the schema of the equivalent HTTP route. */
import type { z } from 'zod';
import { issueMessage } from '../src/platform/http/index.ts';
import { UsageError } from './usage-error.ts';

/**
 * Checks a value with a schema, and returns the parsed value.
 * @param names the option or word of each field, for the message.
 * @throws {UsageError} if a field is invalid; the message has the name and the problem of each invalid field.
 */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  value: z.input<Schema>,
  names: Readonly<Record<string, string>>,
): z.output<Schema> {
  const parsed = schema.safeParse(value, { error: issueMessage });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const field = String(path[0] ?? '');
    return `${names[field] ?? field} ${message}`;
  });
  throw new UsageError([...new Set(problems)].join('; '));
}
