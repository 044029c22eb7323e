/** Arguments shared by several queries. Queries declare arguments so that tools can look up entries by name. */
import { z } from '@hono/zod-openapi';
import { daySchema, idSchema } from '../platform/http/index.ts';

/** The arguments of a query without arguments. */
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
