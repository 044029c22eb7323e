/**
 * Schemas of arguments that several queries share. A query declares its arguments so that tools can look up its
 * entries.
 */
import { z } from '@hono/zod-openapi';
import { idSchema } from '../platform/http/index.ts';

/** The schema of a query that takes no arguments. */
export const noArgs = z.strictObject({});

/** The arguments of a query for one row. */
export const idArgs = z.strictObject({ id: idSchema });

/** The arguments of a query for several months. */
export const monthsArgs = z.strictObject({ months: z.number().int().min(1).max(36) });
