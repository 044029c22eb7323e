/**
 * Cache warming: loads the values that users will need next. Each step loads any number of values with three Redis
 * requests.
 */
import type { DataContext, TenantScope } from '../platform/http/index.ts';
import { platformStatistics } from './analytics/platform.ts';
import { dashboardOverview } from './dashboards/queries.ts';
import { dealPipeline } from './deals/queries.ts';
import { projectFull } from './projects/queries.ts';
import { userDashboard } from './users/dashboard.ts';
import { userById } from './users/queries.ts';

const ACTIVE_USERS = 100;
/** A user who was active within this time, in ms, is expected to return. */
const ACTIVE_FOR_MS = 7 * 86_400_000;
const ACTIVE_PROJECTS = 50;
const DASHBOARDS = 50;

/** The result of one step. */
export interface WarmedStep {
  step: string;
  loaded: number;
  present: number;
}

/** The number of steps, for a progress bar. */
export const WARMING_STEPS = 5;

/**
 * Warms the cache of a tenant: its 100 most recently active users of the last 7 days, 50 active projects, 50
 * dashboards, the start page's numbers and the platform's statistics. Yields after each step.
 * @param now ms since the epoch.
 */
export async function* warmTenant(scope: TenantScope, now: number): AsyncGenerator<WarmedStep> {
  const { cache } = scope;
  const users = await activeUsers(scope, now - ACTIVE_FOR_MS);
  const projects = await activeProjects(scope);

  yield { step: 'users', ...(await cache.warm(userById, users)) };
  yield {
    step: 'projects',
    ...(await cache.warm(projectFull, projects)),
  };
  yield { step: 'dashboards', ...(await cache.warm(userDashboard, users.slice(0, DASHBOARDS))) };
  const [overview, pipeline] = await Promise.all([cache.warm(dashboardOverview, [{}]), cache.warm(dealPipeline, [{}])]);
  yield { step: 'overview', loaded: overview.loaded + pipeline.loaded, present: overview.present + pipeline.present };
  yield { step: 'statistics', ...(await cache.warm(platformStatistics, [{}])) };
}

async function activeUsers({ tenant, db }: DataContext, activeSince: number): Promise<{ id: string }[]> {
  return (await db()).user.findMany({
    where: { tenantId: tenant, disabledAt: null, lastActiveAt: { gte: new Date(activeSince) } },
    orderBy: { lastActiveAt: 'desc' },
    take: ACTIVE_USERS,
    select: { id: true },
  });
}

async function activeProjects({ tenant, db }: DataContext): Promise<{ id: string }[]> {
  return (await db()).project.findMany({
    where: { tenantId: tenant, status: 'active' },
    orderBy: { updatedAt: 'desc' },
    take: ACTIVE_PROJECTS,
    select: { id: true },
  });
}
