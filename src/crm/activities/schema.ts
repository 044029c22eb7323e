/** The API's schema of an activity. */
import { z } from '@hono/zod-openapi';
import { idSchema, momentSchema, pageQuerySchema, pageSchema } from '../../platform/http/index.ts';

/** The id and the name of a row, for values that show another row by its name. */
export const namedSchema = z.object({ id: idSchema, name: z.string() });

export const activitySchema = z
  .object({
    id: idSchema,
    verb: z.string().openapi({ example: 'created' }),
    entityType: z.string().openapi({ example: 'deal' }),
    entityId: idSchema,
    data: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'Details as of that time: the title or name, the changed fields.' }),
    actor: namedSchema.nullable().openapi({ description: 'The user who did it; null for an API key.' }),
    occurredAt: momentSchema,
  })
  .openapi('Activity');

export const activityPageSchema = pageSchema(activitySchema).openapi('ActivityPage');
export const activityPageQuerySchema = pageQuerySchema;

export type Activity = z.infer<typeof activitySchema>;
export type ActivityPageArgs = z.infer<typeof activityPageQuerySchema>;
