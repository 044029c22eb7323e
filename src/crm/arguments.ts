/**
 * Schemas of arguments that several queries share. A query declares its arguments so that tools can look up its
 * entries.
 */
import { z } from '@hono/zod-openapi';
import { daySchema, idSchema } from '../platform/http/index.ts';

/** The schema of a query that takes no arguments. */
export const noArgs = z.strictObject({});

/** The arguments of a query for one row. */
export const idArgs = z.strictObject({ id: idSchema });

/** The arguments of a query for one row as of a day. */
export const idOnDayArgs = idArgs.extend({ today: daySchema });

/** The arguments of a query as of a day. */
export const dayArgs = z.strictObject({ today: daySchema });

/** The arguments of a query as of a month. */
export const monthArgs = z.strictObject({
  month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month, such as 2026-12'),
});

/** The arguments of a query for several months, of which `month` is the last. */
export const velocityArgs = monthArgs.extend({ months: z.number().int().min(1).max(36) });
