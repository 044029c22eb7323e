/**
 * Messages for values that a schema refuses. Each message continues the sentence that the field's name begins, and
 * tells which values are allowed: `must be a number`, `must have at most 200 characters`. A message that a schema
 * itself defines stays unchanged.
 */
import type { z } from '@hono/zod-openapi';

type Issue<Code extends z.core.$ZodIssueCode> = Extract<z.core.$ZodRawIssue, { code: Code }>;

/** Returns the message of an issue, for `z.config({ customError: issueMessage })`. */
export function issueMessage(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined && MISSING.has(issue.code)) return 'is required';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${JSON.stringify(issue.values[0])}`
        : `must be one of ${issue.values.join(', ')}`;
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return tooBig(issue);
    case 'invalid_format':
      return wrongFormat(issue);
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `may not contain ${issue.keys.join(', ')}`;
    case 'invalid_union':
      return noAlternative(issue);
    case 'invalid_key':
      return 'has a key that is not allowed';
    case 'invalid_element':
      return 'has an item that is not allowed';
    default:
      return 'is not valid';
  }
}

/** The codes of issues that a missing value can cause. */
const MISSING = new Set(['invalid_type', 'invalid_value', 'invalid_union']);

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  tuple: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null',
  date: 'a date',
  file: 'a file',
  nonoptional: 'present',
  never: 'left out',
};

/** The units of sizes for each type. A number has no unit. */
const UNITS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['item', 'items'],
  set: ['item', 'items'],
  map: ['entry', 'entries'],
  file: ['byte', 'bytes'],
};

function tooSmall({ origin, minimum, inclusive = true, exact }: Issue<'too_small'>): string {
  const unit = UNITS[origin];
  if (origin === 'date') return `must be ${new Date(Number(minimum)).toISOString()} or later`;
  if (!unit) return inclusive ? `must be ${minimum} or more` : `must be more than ${minimum}`;
  if (exact) return `must have exactly ${count(minimum, unit)}`;
  return Number(minimum) === 1 ? 'must not be empty' : `must have at least ${count(minimum, unit)}`;
}

function tooBig({ origin, maximum, inclusive = true, exact }: Issue<'too_big'>): string {
  const unit = UNITS[origin];
  if (origin === 'date') return `must be ${new Date(Number(maximum)).toISOString()} or earlier`;
  if (!unit) return inclusive ? `must be ${maximum} or less` : `must be less than ${maximum}`;
  return `must have ${exact ? 'exactly' : 'at most'} ${count(maximum, unit)}`;
}

function count(amount: number | bigint, [one, many]: readonly [string, string]): string {
  return `${amount} ${Number(amount) === 1 ? one : many}`;
}

const FORMATS: Readonly<Record<string, string>> = {
  email: 'an e-mail address, such as ada@example.com',
  url: 'a URL, such as https://example.com',
  date: 'a day, such as 2026-12-31',
  datetime: 'a time in UTC, such as 2026-12-31T09:30:00Z',
  time: 'a time of day, such as 09:30:00',
  duration: 'a duration, such as PT15M',
  uuid: 'a UUID',
  ulid: 'a ULID',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  base64: 'text in base64',
  base64url: 'text in base64url',
  json_string: 'JSON',
  e164: 'a phone number, such as +4930123456',
};

function wrongFormat(issue: Issue<'invalid_format'>): string {
  const { prefix, suffix, includes } = issue as Partial<Record<'prefix' | 'suffix' | 'includes', string>>;
  if (prefix !== undefined) return `must start with ${JSON.stringify(prefix)}`;
  if (suffix !== undefined) return `must end with ${JSON.stringify(suffix)}`;
  if (includes !== undefined) return `must contain ${JSON.stringify(includes)}`;
  const format = FORMATS[issue.format];
  if (format) return `must be ${format}`;
  return issue.format === 'regex' ? `must match ${issue.pattern}` : `must have the format ${issue.format}`;
}

/**
 * Returns the message for a union. The message lists the alternatives if each alternative refuses the whole value and
 * not only a part of it.
 */
function noAlternative(issue: Issue<'invalid_union'>): string {
  const options = issue['options'] as readonly unknown[] | undefined;
  if (options && options.length > 0) return `must be one of ${options.join(', ')}`;
  const alternatives = issue.errors.map(([first]) =>
    first?.path.length === 0 ? MUST_BE.exec(first.message)?.[1] : undefined,
  );
  return alternatives.length > 0 && alternatives.every((alternative) => alternative !== undefined)
    ? `must be ${[...new Set(alternatives)].join(' or ')}`
    : 'has none of the allowed forms';
}

const MUST_BE = /^must be (.+)$/;
