/** Arguments shared by several queries. Each query declares its arguments so that tools can look up entries by name. */
import { z } from '@hono/zod-openapi';
import { daySchema, idSchema } from '../platform/http/index.ts';

/** No arguments. */
export const noArgs = z.strictObject({});

/** One row. */
export const idArgs = z.strictObject({ id: idSchema });

/** One row as of a day. */
export const idOnDayArgs = idArgs.extend({ today: daySchema });

/** A day. */
export const dayArgs = z.strictObject({ today: daySchema });

/** A month. */
export const monthArgs = z.strictObject({
  month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month, such as 2026-12'),
});
