/** The API's form of webhooks. */
import { z } from '@hono/zod-openapi';
import { changesSchema, idSchema, momentSchema } from '../../platform/http/index.ts';
import { disabledReasons } from './switch-off.ts';

const fields = {
  url: z.url().max(2000).openapi({ example: 'https://hooks.example.com/crm' }),
  events: z
    .array(z.string().regex(/^(\*|[a-z]+\.[a-z][a-zA-Z]*)$/, 'must be a type such as deal.won, or *'))
    .min(1)
    .max(50)
    .openapi({ example: ['deal.won'] }),
};
export const newWebhookSchema = z.strictObject(fields).openapi('NewWebhook');
export const webhookChangesSchema = changesSchema(
  z.strictObject({
    ...fields,
    disabled: z.boolean().openapi({ description: 'Switches the webhook off, or on again.' }),
  }),
).openapi('WebhookChanges');
export const webhookSchema = z
  .object({
    id: idSchema,
    ...fields,
    disabledAt: momentSchema.nullable().openapi({ description: 'A webhook that is switched off gets no deliveries.' }),
    disabledReason: z.enum(disabledReasons).nullable().openapi({
      description:
        '`gone`: the receiver answered 410. `failing`: every delivery failed for five days. `requested`: by a change.',
    }),
    failingSince: momentSchema.nullable().openapi({
      description: 'The first failure since the last success. A webhook that fails for five days is switched off.',
    }),
    createdAt: momentSchema,
  })
  .openapi('Webhook');
export const addedSchema = webhookSchema
  .extend({ secret: z.string().openapi({ description: 'Signs the deliveries, as in Standard Webhooks.' }) })
  .openapi('AddedWebhook');

export const rotatedSchema = z
  .object({
    id: idSchema,
    secret: z.string(),
    oldSecretUntil: momentSchema.openapi({ description: 'Until this time, the old secret signs too.' }),
  })
  .openapi('RotatedWebhookSecret');

/** Returns a webhook in the API's form, without its secret. */
export function toWebhook({ id, url, events, disabledAt, disabledReason, failingSince, createdAt }: WebhookRow) {
  return {
    ...{ id, url, events },
    disabledAt: disabledAt?.toISOString() ?? null,
    disabledReason: disabledReasons.find((reason) => reason === disabledReason) ?? null,
    failingSince: failingSince?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}

/** The columns of a webhook that the API returns. */
interface WebhookRow {
  id: string;
  url: string;
  events: string[];
  disabledAt: Date | null;
  disabledReason: string | null;
  failingSince: Date | null;
  createdAt: Date;
}
