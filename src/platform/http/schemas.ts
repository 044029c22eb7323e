/** Schemas that every room's routes share: ids, pages, problems. `text-schemas.ts` has those of texts. */
import { z } from '@hono/zod-openapi';

/** An id as it appears in a path or a body. */
export const idSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be an id: 1 to 64 letters, digits, - and _')
  .openapi({ example: 'deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A' });

/** Money in answers: a decimal text, exact, with the decimal places of its currency. */
export const moneySchema = z.string().openapi({
  example: '12500.00',
  description: 'With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.',
});

const WRONG_MONEY = 'must be a non-negative decimal number with at most the decimal places of the currency';
const TOO_MUCH_MONEY = 'must be less than 1000000000000';

/**
 * Money in requests: the same text as in answers, or a number. A product checks the decimal places of its currency; the
 * schema allows the most of all currencies.
 */
export const moneyInputSchema = z
  .union([z.string(), z.number()], WRONG_MONEY)
  .transform(String)
  .refine((text) => !(Number(text) >= 1e12), { error: TOO_MUCH_MONEY, abort: true })
  .refine((text) => /^\d{1,12}(\.\d{1,4})?$/.test(text), WRONG_MONEY)
  .openapi({ type: 'string', example: '12500.00' });

/** A day, `2026-11-20`. PostgreSQL's calendar has no year 0. */
export const daySchema = z.iso
  .date({ abort: true })
  .refine((day) => !day.startsWith('0000'), 'must be a day in the year 1 or later')
  .openapi({ example: '2026-12-31' });

/** A moment in UTC. */
export const momentSchema = z.iso.datetime().openapi({ example: '2026-11-20T09:30:00.000Z' });

/**
 * Changes of a resource: each field is optional, but at least one field is required. A field's default would be a
 * change that the caller did not request, so `fields` must not contain fields with a default.
 */
export function changesSchema<Shape extends z.ZodRawShape, Config extends z.core.$ZodObjectConfig>(
  fields: z.ZodObject<Shape, Config>,
) {
  return fields.partial().refine((changes) => Object.keys(changes).length > 0, 'needs at least one field to change');
}

/** The range of a whole number, both ends included, and the default of the parameter. */
export interface WholeNumberRange {
  from: number;
  to: number;
  otherwise: number;
}

/**
 * A whole number in a query string: decimal digits only, so `1.5`, `1e2`, `0x10`, ` 5`, `05`, `+5` and the empty text
 * are refused. Each number has a single spelling, so answers for one number share one cache entry.
 */
export function wholeNumberParameter({ from, to, otherwise }: WholeNumberRange) {
  const message = `must be a whole number from ${from} to ${to}`;
  const digits = z
    .string(message)
    .refine((text) => /^(?:0|[1-9]\d{0,14})$/.test(text) && Number(text) >= from && Number(text) <= to, message)
    .transform(Number);
  // Operators send the arguments of a query as JSON, with a number instead of a text, so a number is accepted too.
  return z
    .preprocess((value) => (typeof value === 'number' ? String(value) : value), digits)
    .default(otherwise)
    .openapi({ type: 'integer', minimum: from, maximum: to, default: otherwise });
}

/** The query parameters of a list. Filters are added with `.extend`. */
export const pageQuerySchema = z.strictObject({
  limit: wholeNumberParameter({ from: 1, to: 100, otherwise: 25 }).openapi({
    description: 'The maximum number of items.',
  }),
  cursor: idSchema.optional().openapi({ description: 'The `nextCursor` of the previous page.' }),
});

/** A page of a list. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().openapi({ description: 'The `cursor` for the next page; null at the end.' }),
  });
}

/** An error, RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string().openapi({ example: 'VALIDATION_FAILED' }),
    detail: z.string(),
    instance: z.string(),
    requestId: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    current: z
      .record(z.string(), z.unknown())
      .nullish()
      .openapi({ description: 'In a 412: the resource as it is now; null if it does not exist.' }),
  })
  .openapi('Problem');

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

/** The header that names the state of a resource, for the OpenAPI document. */
export const ETAG = {
  ETag: {
    description: 'Names this state of the resource, for `If-Match`.',
    schema: { type: 'string' as const, example: '"2jmj7l5rSw0yVb_vlWAYkK_YBwk"' },
  },
};

/** An answer in JSON. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** A request body in JSON. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } };
}

/** Every problem by its status, for the OpenAPI document. */
export const PROBLEMS = {
  400: problem('The request is not valid; `errors` names the fields.'),
  401: problem('No valid credentials.'),
  403: problem('The caller lacks the right.'),
  404: problem('The resource does not exist.'),
  412: {
    ...problem('The resource is not in the state that the headers require; `current` and `ETag` show its state.'),
    headers: ETAG,
  },
  413: problem('The body is too large.'),
  415: problem('The body does not have the described media type.'),
  422: problem('The idempotency key was used for another request.'),
  429: problem('Too many requests; `Retry-After` says when to try again.'),
  500: problem('A fault of the service; the log has more under the `requestId`.'),
  503: problem('Redis or the database did not answer.'),
  409: problem('The request conflicts with the current state; `errors` names the fields.'),
} as const;

/** Returns the problems that a route may answer, for the OpenAPI document. */
export function problems<Status extends keyof typeof PROBLEMS>(...statuses: Status[]): Pick<typeof PROBLEMS, Status> {
  return Object.fromEntries(statuses.map((status) => [status, PROBLEMS[status]])) as Pick<typeof PROBLEMS, Status>;
}
