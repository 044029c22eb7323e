/** `/notifications`: the notifications of the signed-in user. API keys have none. */
import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  guarded,
  idSchema,
  json,
  momentSchema,
  notFound,
  pageQuerySchema,
  pageSchema,
  problems,
} from '../../platform/http/index.ts';
import { pageWindow, toPage } from '../page.ts';
import { notificationTags } from '../tags.ts';
import { oneSchema } from '../view.ts';

export const notificationRoutes = createRouter();
const tags = ['Notifications'];

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

const list = createRoute(
  guarded(
    { access: 'crm:read' },
    {
      method: 'get',
      path: '/notifications',
      tags,
      summary: 'List your notifications, newest first',
      request: { query: pageQuerySchema },
      responses: { 200: json(pageSchema(notificationSchema).openapi('NotificationPage'), 'A page'), ...problems(400) },
    },
  ),
);
notificationRoutes.openapi(list, async (c) => {
  const { userId } = c.var.caller;
  const { tenant, db } = c.var.tenant;
  const page = c.req.valid('query');
  if (userId === null) return c.json({ items: [], nextCursor: null }, 200);
  const { take, orderBy, beforeCursor } = pageWindow(page);
  const where = { tenantId: tenant, userId, ...beforeCursor };
  const rows = await (await db()).notification.findMany({ where, take, orderBy });
  const answer = toPage(rows, page.limit, ({ id, kind, title, data, readAt, createdAt }) => ({
    ...{ id, kind, title, data: data as Record<string, unknown> },
    readAt: readAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  }));
  return c.json(answer, 200);
});

const read = createRoute(
  guarded(
    { access: 'crm:read', harmlessTwice: true },
    {
      method: 'post',
      path: '/notifications/{id}/read',
      tags,
      summary: 'Mark one of your notifications as read',
      request: { params: oneSchema },
      responses: { 204: { description: 'Marked as read' }, ...problems(400, 404, 409) },
    },
  ),
);
notificationRoutes.openapi(read, async (c) => {
  const { userId } = c.var.caller;
  if (userId === null) throw notFound('notification');
  const { tenant, commit } = c.var.tenant;
  const readAt = new Date(c.var.scope.system.now());
  const id = c.req.valid('param').id;
  await commit(async (tx) => {
    const own = { tenantId: tenant, id, userId };
    const { count } = await tx.db.notification.updateMany({ where: { ...own, readAt: null }, data: { readAt } });
    if (count === 0 && (await tx.db.notification.count({ where: own })) === 0) throw notFound('notification');
    if (count > 0) tx.invalidate(notificationTags.ofUser(userId));
  });
  return c.body(null, 204);
});
