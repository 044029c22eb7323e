/** Arguments that several queries take. A query declares them, so that an entry can be asked for by the query's name. */
import { z } from '@hono/zod-openapi';
import { daySchema, idSchema } from '../platform/http/index.ts';

/** No arguments. */
export const noArgs = z.strictObject({});

/** One thing. */
export const idArgs = z.strictObject({ id: idSchema });

/** One thing as of a day. */
export const idOnDayArgs = idArgs.extend({ today: daySchema });

/** A day. */
export const dayArgs = z.strictObject({ today: daySchema });

/** A month. */
export const monthArgs = z.strictObject({ month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'is not a month') });
