/** `/notifications`: the notifications of the signed-in user, who needs no right. API keys have no notifications. */
import { z } from '@hono/zod-openapi';
import { inboxFeed } from '../../inbox/index.ts';
import { publish } from '../../platform/feeds/index.ts';
import {
  type Caller,
  createRouter,
  idSchema,
  momentSchema,
  notFound,
  pageQuerySchema,
  pageSchema,
  type TenantScope,
} from '../../platform/http/index.ts';
import { command, oneSchema, pageWindow, toPage, view } from '../../platform/rest/index.ts';
import { unreadNotifications } from './queries.ts';

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

/** A machine has no inbox. */
const inboxOf = (_input: object, { userId }: Caller) => (userId === null ? null : inboxFeed.name);

view(notificationRoutes, {
  id: 'notifications.list',
  path: '/notifications',
  tag: 'Notifications',
  summary: 'List your notifications, newest first',
  cost: { commands: 4 },
  access: null,
  search: pageQuerySchema,
  answer: pageSchema(notificationSchema).openapi('NotificationPage'),
  live: inboxOf,
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

view(notificationRoutes, {
  id: 'notifications.countUnread',
  path: '/notifications/unread',
  tag: 'Notifications',
  summary: 'Count your unread notifications',
  cost: { hit: { requests: 2, commands: 5 }, miss: { requests: 4, commands: 7 } },
  access: null,
  answer: z.object({ count: z.int() }).openapi('UnreadNotifications'),
  live: inboxOf,
  load: (_input, { tenant, caller }) =>
    caller.userId === null ? { count: 0 } : tenant.cache.read(unreadNotifications, { userId: caller.userId }),
});

command(notificationRoutes, {
  id: 'notifications.markRead',
  path: '/notifications/{id}/read',
  tag: 'Notifications',
  summary: 'Mark one of your notifications as read',
  cost: { requests: 4, commands: 7, statements: 4 },
  access: null,
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
 * Marks a notification of a user as read, and stores the new count of unread notifications in the cache, because pages
 * read the count directly afterwards. A notification that is already read stays unchanged.
 * @throws {ProblemError} 404 if the user has no such notification.
 */
async function markRead({ cache }: TenantScope, userId: string, id: string): Promise<void> {
  await cache.write(unreadNotifications, { userId }, async (tx) => {
    const ofUser = { tenantId: tx.tenant, userId };
    const data = { readAt: new Date(tx.system.now()) };
    const { count: changed } = await tx.db.notification.updateMany({ where: { ...ofUser, id, readAt: null }, data });
    if (changed > 0) publish(tx, inboxFeed, { type: 'notification.read', id }, { to: userId });
    else if ((await tx.db.notification.count({ where: { ...ofUser, id } })) === 0) throw notFound('notification');
    return { count: await tx.db.notification.count({ where: { ...ofUser, readAt: null } }) };
  });
}
