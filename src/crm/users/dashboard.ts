/** A user's dashboard: their tasks, deals, latest activities and unread notifications. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { dayIn } from '../../platform/rest/index.ts';
import { activitiesOfActor } from '../activities/latest.ts';
import { idArgs } from '../arguments.ts';
import { loadPipeline } from '../deals/pipeline.ts';
import { activityTags, dealTags, notificationTags, taskTags, tenantTags, userTags } from '../tags.ts';
import { OPEN, readInOrder } from '../tasks/in-order.ts';
import { endOfDay, timeZoneOf } from '../tenant/settings.ts';
import { loadTaskCounts } from './owned.ts';
import type { UserDashboard } from './schema.ts';

/** The number of tasks that are shown. */
const SHOWN = 10;

/** A user's dashboard as of today in the user's time zone, or `null` if the user does not exist. */
export const userDashboard = query('user-dashboard', {
  args: idArgs,
  ttl: '15m',
  stale: '5m',
  until: endOfDay,
  tags: ({ id }: { id: string }) => [
    tenantTags.settings,
    userTags.one(id),
    taskTags.ofAssignee(id),
    dealTags.ofOwner(id),
    activityTags.ofActor(id),
    notificationTags.ofUser(id),
  ],
  load: async ({ id }, { tenant, db, now }: DataContext): Promise<UserDashboard | null> => {
    const client = await db();
    const timeZone = await timeZoneOf(client, tenant, id);
    if (timeZone === null) return null;
    const day = dayIn(timeZone, now());
    const [counts, next, pipeline, recentActivity, unreadNotifications] = await Promise.all([
      loadTaskCounts(client, tenant, id, day),
      readInOrder(client, tenant, { assignee_id: id }, { statuses: OPEN, limit: SHOWN }),
      loadPipeline(client, tenant, { ownerId: id }),
      activitiesOfActor(client, tenant, id),
      client.notification.count({ where: { tenantId: tenant, userId: id, readAt: null } }),
    ]);
    return {
      day,
      timeZone,
      tasks: { ...counts, next },
      pipeline,
      recentActivity,
      unreadNotifications,
    };
  },
});
