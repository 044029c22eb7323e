/** A user's settings of a list in the app: filters, order and columns. */
import { z } from '@hono/zod-openapi';
import { textSchema } from '../../platform/http/index.ts';

/** The maximum size of the settings of one list, as JSON in UTF-8, in bytes. */
const LARGEST = 8 * 1024;

const fieldSchema = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_.]{0,63}$/, 'must be the name of a field');

/** The settings of a list. The frontend defines the lists, so this schema does not know which fields a list has. */
export const listSettingsSchema = z
  .strictObject({
    filters: z
      .array(z.strictObject({ field: fieldSchema, value: textSchema(200) }))
      .max(50)
      .openapi({ example: [{ field: 'stage', value: 'won' }] }),
    order: z
      .string()
      .regex(/^-?[a-zA-Z][a-zA-Z0-9_.]{0,63}$/, 'must be a field, with - in front for descending')
      .optional()
      .openapi({ example: '-createdAt', description: 'Left out: the list’s own order.' }),
    columns: z
      .array(fieldSchema)
      .max(100)
      .openapi({ example: ['title', 'value'], description: 'Empty: the list’s own columns.' }),
    pageSize: z.int().min(1).max(100),
  })
  .refine(
    (settings) => new TextEncoder().encode(JSON.stringify(settings)).length <= LARGEST,
    `may have at most ${LARGEST} bytes`,
  )
  .openapi('ListSettings');

export type ListSettings = z.output<typeof listSettingsSchema>;

/** The default settings. */
export const UNTOUCHED: ListSettings = { filters: [], columns: [], pageSize: 25 };

/** The frontend's name of the list. */
export const listParamsSchema = z.object({
  list: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and dashes, at most 40')
    .openapi({ example: 'deals' }),
});
