/** The cached values of notifications. */
import { z } from 'zod';
import { query } from '../../platform/cache/index.ts';
import { type DataContext, idSchema } from '../../platform/http/index.ts';
import { notificationTags } from '../tags.ts';

/** The number of notifications that a user has not read. */
export const unreadNotifications = query('notifications.unread', {
  args: z.strictObject({ userId: idSchema }),
  ttl: '1h',
  tags: ({ userId }: { userId: string }) => [notificationTags.ofUser(userId)],
  load: async ({ userId }, { tenant, db }: DataContext): Promise<{ count: number }> => {
    const where = { tenantId: tenant, userId, readAt: null };
    return { count: await (await db()).notification.count({ where }) };
  },
});
