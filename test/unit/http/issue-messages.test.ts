/** The message of each kind of issue, as Zod raises it. */
import { z } from '@hono/zod-openapi';
import { expect, test } from 'vitest';
import { issueMessage, validationProblem } from '../../../src/platform/http/index.ts';

const messagesOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value, { error: issueMessage }).error?.issues.map(({ message }) => message);

const day = new Date('2026-12-31T00:00:00Z');
const union = z.union([z.string(), z.number(), z.boolean()]);

const cases: [string, z.ZodType, unknown, string][] = [
  ['a missing value', z.string(), undefined, 'is required'],
  ['a missing value of a list of values', z.enum(['a', 'b']), undefined, 'is required'],
  ['a missing value of a union', union, undefined, 'is required'],
  ['null for a text', z.string(), null, 'must be a string'],
  ['a text for a number', z.number(), '7', 'must be a number'],
  ['NaN', z.number(), Number.NaN, 'must be a number'],
  ['an infinite number', z.number(), Number.POSITIVE_INFINITY, 'must be a number'],
  ['a coerced text', z.coerce.number(), 'abc', 'must be a number'],
  ['a fraction', z.int(), 1.5, 'must be a whole number'],
  ['a text for a truth value', z.boolean(), 'yes', 'must be true or false'],
  ['an object for an array', z.array(z.string()), {}, 'must be an array'],
  ['an array for an object', z.object({}), [], 'must be an object'],
  ['an array for a record', z.record(z.string(), z.string()), [], 'must be an object'],
  ['a tuple', z.tuple([z.string()]), 'x', 'must be an array'],
  ['null', z.null(), 1, 'must be null'],
  ['a date', z.date(), 'x', 'must be a date'],
  ['a file', z.file(), 'x', 'must be a file'],
  ['no value allowed', z.never(), 1, 'must be left out'],
  ['another constant', z.literal('Bearer'), 'x', 'must be "Bearer"'],
  ['another value', z.enum(['lead', 'won']), 'x', 'must be one of lead, won'],
  ['an empty text', z.string().min(1), '', 'must not be empty'],
  ['a short text', z.string().min(3), 'x', 'must have at least 3 characters'],
  ['a long text', z.string().max(1), 'xyz', 'must have at most 1 character'],
  ['a text of another length', z.string().length(3), 'x', 'must have exactly 3 characters'],
  ['an empty array', z.array(z.string()).min(1), [], 'must not be empty'],
  ['a long array', z.array(z.int()).max(2), [1, 2, 3], 'must have at most 2 items'],
  ['a short array', z.array(z.int()).length(2), [1, 2, 3], 'must have exactly 2 items'],
  ['a small set', z.set(z.int()).min(2), new Set([1]), 'must have at least 2 items'],
  [
    'a large map',
    z.map(z.int(), z.int()).max(1),
    new Map([
      [1, 1],
      [2, 2],
    ]),
    'must have at most 1 entry',
  ],
  ['a large file', z.file().max(2), new File(['abc'], 'x'), 'must have at most 2 bytes'],
  ['a small number', z.number().min(1), 0, 'must be 1 or more'],
  ['a number at an open end', z.number().positive(), 0, 'must be more than 0'],
  ['a large number', z.number().max(100), 101, 'must be 100 or less'],
  ['a number at an open upper end', z.number().lt(5), 5, 'must be less than 5'],
  ['an unsafe whole number', z.int(), 1e300, 'must be 9007199254740991 or less'],
  ['a large bigint', z.bigint().max(5n), 6n, 'must be 5 or less'],
  ['an early date', z.date().min(day), new Date(0), 'must be 2026-12-31T00:00:00.000Z or later'],
  ['a late date', z.date().max(new Date(0)), day, 'must be 1970-01-01T00:00:00.000Z or earlier'],
  ['not a multiple', z.number().multipleOf(5), 7, 'must be a multiple of 5'],
  ['an address', z.email(), 'x', 'must be an e-mail address, such as ada@example.com'],
  ['a URL', z.url(), 'x', 'must be a URL, such as https://example.com'],
  ['a day', z.iso.date(), '2026-02-30', 'must be a day, such as 2026-12-31'],
  ['a time', z.iso.datetime(), 'x', 'must be a time in UTC, such as 2026-12-31T09:30:00Z'],
  ['a UUID', z.uuid(), 'x', 'must be a UUID'],
  ['a format without words', z.cuid2(), '-', 'must have the format cuid2'],
  ['a prefix', z.string().startsWith('hf_'), 'x', 'must start with "hf_"'],
  ['a suffix', z.string().endsWith('!'), 'x', 'must end with "!"'],
  ['a part', z.string().includes('@'), 'x', 'must contain "@"'],
  ['a pattern', z.string().regex(/^a$/), 'x', 'must match /^a$/'],
  ['a pattern with words of its own', z.string().regex(/^a$/, 'must be a'), 'x', 'must be a'],
  ['unknown keys', z.strictObject({}), { a: 1, b: 2 }, 'may not contain a, b'],
  ['alternatives', union, {}, 'must be a string or a number or true or false'],
  [
    'alternatives with parts',
    z.union([z.object({ a: z.int() }), z.int()]),
    { a: 'x' },
    'has none of the allowed forms',
  ],
  [
    'kinds of objects',
    z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b') })]),
    { kind: 'c' },
    'must be one of a, b',
  ],
  ['a key', z.record(z.string().regex(/^a$/), z.int()), { b: 1 }, 'has a key that is not allowed'],
  ['an item of a map', z.map(z.int(), z.int()), new Map([[1, 'x']]), 'must be a number'],
  ['a condition without words', z.int().refine(() => false), 1, 'is not valid'],
  ['a condition with words', z.int().refine(() => false, 'must be even'), 1, 'must be even'],
];

test.each(cases)('%s', (_, schema, value, message) => {
  expect(messagesOf(schema, value)).toEqual([message]);
});

test('a problem names each field with its path, and up to three of them in its detail', () => {
  const schema = z.strictObject({
    title: z.string(),
    lines: z.array(z.object({ n: z.int() })),
    a: z.int(),
    b: z.int(),
  });
  const error = schema.safeParse({ lines: [{ n: 1.5 }], c: 1 }, { error: issueMessage }).error;
  const problem = validationProblem({ error: error ?? { issues: [] } });
  expect(problem.fields).toEqual([
    { field: 'title', message: 'is required' },
    { field: 'lines.0.n', message: 'must be a whole number' },
    { field: 'a', message: 'is required' },
    { field: 'b', message: 'is required' },
    { field: 'c', message: 'is not a known field' },
  ]);
  expect(problem.message).toBe('title is required; lines.0.n must be a whole number; a is required; 2 more in errors');
});

test('a parameter that is given twice may be given only once', () => {
  const data = { limit: ['1', '2'], owner: 'x' };
  const error = z.object({ limit: z.string() }).safeParse(data, { error: issueMessage }).error ?? { issues: [] };
  expect(validationProblem({ error, target: 'query', data }).message).toBe('limit may be given only once');
  expect(validationProblem({ error, target: 'json', data }).message).toBe('limit must be a string');
});
