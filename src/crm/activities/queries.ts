/** The query of the activity feed. */
import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { pageWindow, toPage } from '../../platform/rest/index.ts';
import { activityTags, userTags } from '../tags.ts';
import { toActivity } from './activity.ts';
import { type ActivityPageArgs, activityPageQuerySchema } from './schema.ts';

/** A page of the feed. Each write of the CRM adds an activity, so a page is cached until the next write. */
export const activityPage = query('activity-page', {
  args: activityPageQuerySchema,
  ttl: '15m',
  stale: '5m',
  tags: (_args: ActivityPageArgs) => [activityTags.all, userTags.names],
  load: async ({ limit, cursor }, { tenant, db }: DataContext) => {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const rows = await (await db()).activity.findMany({
      where: { tenantId: tenant, ...beforeCursor },
      take,
      orderBy,
      include: { actor: { select: { id: true, name: true } } },
    });
    return toPage(rows, limit, toActivity);
  },
});
