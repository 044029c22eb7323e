/** `/notifications`: the notifications of the signed-in user. API keys have none. */
import { z } from '@hono/zod-openapi';
import {
  createRouter,
  idSchema,
  momentSchema,
  notFound,
  pageQuerySchema,
  pageSchema,
  type TenantScope,
} from '../../platform/http/index.ts';
import { command, oneSchema, pageWindow, toPage, view } from '../../platform/rest/index.ts';
import { notificationTags } from '../tags.ts';

export const notificationRoutes = createRouter();

const notificationSchema = z
  .object({
    id: idSchema,
    kind: z.string().openapi({ example: 'task.assigned' }),
    title: z.string(),
    data: z.record(z.string(), z.unknown()),
    readAt: momentSchema.nullable(),
    createdAt: momentSchema,
  })
  .openapi('Notification');

view(notificationRoutes, {
  id: 'notifications.list',
  path: '/notifications',
  tag: 'Notifications',
  summary: 'List your notifications, newest first',
  access: 'crm:read',
  search: pageQuerySchema,
  answer: pageSchema(notificationSchema).openapi('NotificationPage'),
  async load({ limit, cursor }, { tenant, caller }) {
    const { userId } = caller;
    if (userId === null) return { items: [], nextCursor: null };
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const where = { tenantId: tenant.tenant, userId, ...beforeCursor };
    const rows = await (await tenant.db()).notification.findMany({ where, take, orderBy });
    return toPage(rows, limit, ({ id, kind, title, data, readAt, createdAt }) => ({
      ...{ id, kind, title, data: data as Record<string, unknown> },
      readAt: readAt?.toISOString() ?? null,
      createdAt: createdAt.toISOString(),
    }));
  },
});

command(notificationRoutes, {
  id: 'notifications.markRead',
  path: '/notifications/{id}/read',
  tag: 'Notifications',
  summary: 'Mark one of your notifications as read',
  access: 'crm:read',
  harmlessTwice: true,
  params: oneSchema,
  effect: 'Marked as read',
  problems: [404],
  run({ params }, { tenant, caller }) {
    if (caller.userId === null) throw notFound('notification');
    return markRead(tenant, caller.userId, params.id);
  },
});

/**
 * Marks a notification of a user as read. A notification that is already read stays unchanged.
 * @throws {ProblemError} 404 if the user has no such notification.
 */
function markRead(tenant: TenantScope, userId: string, id: string): Promise<void> {
  return tenant.commit(async (tx) => {
    const own = { tenantId: tx.tenant, id, userId };
    const data = { readAt: new Date(tx.system.now()) };
    const { count } = await tx.db.notification.updateMany({ where: { ...own, readAt: null }, data });
    if (count === 0 && (await tx.db.notification.count({ where: own })) === 0) throw notFound('notification');
    if (count > 0) tx.invalidate(notificationTags.ofUser(userId));
  });
}
