/** `/webhooks/{id}/deliveries`: the log of a webhook's deliveries, and their replay. */
import { z } from '@hono/zod-openapi';
import {
  createRouter,
  idSchema,
  momentSchema,
  notFound,
  ProblemError,
  pageQuerySchema,
  pageSchema,
} from '../../platform/http/index.ts';
import { enqueue } from '../../platform/jobs/index.ts';
import { command, oneSchema, pageWindow, toPage, view } from '../../platform/rest/index.ts';
import { deliverWebhook, eventOf } from './job.ts';

export const deliveryRoutes = createRouter();

const statusSchema = z.enum(['waiting', 'delivered', 'failed', 'cancelled']).openapi({
  description:
    '`waiting` for its next attempt; `failed` after its last attempt; `cancelled` because the receiver answered 410, or ' +
    'the webhook is switched off.',
});

const deliverySchema = z
  .object({
    id: idSchema.openapi({ description: 'The `webhook-id` of every attempt.' }),
    event: z.object({ type: z.string(), timestamp: momentSchema }),
    status: statusSchema,
    attempts: z.int(),
    responseStatus: z.int().nullable().openapi({ description: 'Of the last attempt; null without an answer.' }),
    reason: z.string().nullable().openapi({ description: 'Why the last attempt failed.', example: 'HTTP_503' }),
    durationMs: z.int().nullable().openapi({ description: 'The duration of the last attempt.' }),
    createdAt: momentSchema,
    lastAttemptAt: momentSchema.nullable(),
    nextAttemptAt: momentSchema.nullable(),
  })
  .openapi('WebhookDelivery');

/** An attempt that is late by this time, in ms, does not come any more. */
const OVERDUE_MS = 3_600_000;

const all = { tag: 'Webhooks', access: 'users:manage' } as const;

view(deliveryRoutes, {
  ...all,
  id: 'webhooks.listDeliveries',
  path: '/webhooks/{id}/deliveries',
  summary: 'List the deliveries of a webhook, newest first',
  description: 'A delivery is listed from its first attempt on, and for 30 days.',
  params: oneSchema,
  search: pageQuerySchema.extend({ status: statusSchema.optional() }),
  answer: pageSchema(deliverySchema).openapi('WebhookDeliveryPage'),
  missing: 'webhook',
  async load({ id, status, limit, cursor }, { tenant }) {
    const db = await tenant.db();
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const where = { tenantId: tenant.tenant, webhookId: id, ...(status && { status }), ...beforeCursor };
    const rows = await db.webhookDelivery.findMany({ where, take, orderBy });
    const webhook = { tenantId: tenant.tenant, id };
    if (rows.length === 0 && (await db.webhook.count({ where: webhook })) === 0) return null;
    return toPage(rows, limit, ({ webhookId, tenantId, body, createdAt, lastAttemptAt, nextAttemptAt, ...row }) => {
      const { type, timestamp } = eventOf(body);
      return {
        ...row,
        event: { type, timestamp },
        createdAt: createdAt.toISOString(),
        lastAttemptAt: lastAttemptAt?.toISOString() ?? null,
        nextAttemptAt: nextAttemptAt?.toISOString() ?? null,
      };
    });
  },
});

command(deliveryRoutes, {
  ...all,
  id: 'webhooks.replayDelivery',
  path: '/webhooks/{id}/deliveries/{deliveryId}/replay',
  summary: 'Send a delivery of a webhook again',
  cost: { requests: 2, commands: 4, statements: 5, messages: 1 },
  description:
    'Sends the event again, with the same `webhook-id` and with all its attempts. 409 `DELIVERY_WAITING` if an attempt ' +
    'is still to come, 409 `WEBHOOK_DISABLED` if the webhook is switched off.',
  params: oneSchema.extend({ deliveryId: idSchema }),
  status: 202,
  answer: z.object({ id: idSchema }).openapi('ReplayedDelivery'),
  effect: 'The delivery will be sent',
  problems: [404],
  run({ params: { id, deliveryId } }, { tenant }) {
    return tenant.commit(async (tx) => {
      const webhook = await tx.db.webhook.findUnique({ where: { tenantId_id: { tenantId: tx.tenant, id } } });
      if (!webhook) throw notFound('webhook');
      if (webhook.disabledAt) throw new ProblemError(409, 'WEBHOOK_DISABLED', 'The webhook is switched off');
      const where = { tenantId: tx.tenant, id: deliveryId, webhookId: id };
      const now = tx.system.now();
      const data = { status: 'waiting', nextAttemptAt: new Date(now) } as const;
      const ended = { status: { not: 'waiting' } } as const;
      // The job of a delivery may have died, for example after crashes. Its next attempt never comes.
      const overdue = { nextAttemptAt: { lt: new Date(now - OVERDUE_MS) } };
      const replayable = { ...where, OR: [ended, overdue] };
      const [row] = await tx.db.webhookDelivery.updateManyAndReturn({ where: replayable, data });
      if (!row) {
        if ((await tx.db.webhookDelivery.count({ where })) === 0) throw notFound('delivery');
        throw new ProblemError(409, 'DELIVERY_WAITING', 'An attempt at this delivery is still to come');
      }
      await enqueue(tx, deliverWebhook, { webhookId: id, event: eventOf(row.body), deliveryId });
      await tx.audit({ action: 'webhook.delivery_replayed', entity: { type: 'webhook', id }, data: { deliveryId } });
      return { id: deliveryId };
    });
  },
});
