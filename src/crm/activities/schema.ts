/** What a line of the activity feed looks like from outside. */
import { z } from '@hono/zod-openapi';
import { idSchema, momentSchema, pageQuerySchema, pageSchema } from '../../platform/http/index.ts';

/** Somebody or something shown by name inside another thing. */
export const namedSchema = z.object({ id: idSchema, name: z.string() });

export const activitySchema = z
  .object({
    id: idSchema,
    verb: z.string().openapi({ example: 'created' }),
    entityType: z.string().openapi({ example: 'deal' }),
    entityId: idSchema,
    data: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'What it was about, as it was then: its title or name, the fields that changed.' }),
    actor: namedSchema.nullable().openapi({ description: 'Who did it; null for an API key.' }),
    occurredAt: momentSchema,
  })
  .openapi('Activity');

export const activityPageSchema = pageSchema(activitySchema).openapi('ActivityPage');
export const activityPageQuerySchema = pageQuerySchema;

export type Activity = z.infer<typeof activitySchema>;
export type ActivityPageArgs = z.infer<typeof activityPageQuerySchema>;
