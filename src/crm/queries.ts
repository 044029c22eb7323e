/** Every query of the CRM, by name. Operators can look up and drop the entries of these queries; a test checks each. */
import type { Query, QueryArgs } from '../platform/cache/index.ts';
import type { DataContext } from '../platform/http/index.ts';
import * as activities from './activities/queries.ts';
import * as activityAnalytics from './analytics/activity.ts';
import * as companyAnalytics from './analytics/company.ts';
import * as platformAnalytics from './analytics/platform.ts';
import * as companyFull from './companies/full.ts';
import * as companies from './companies/queries.ts';
import * as contactFull from './contacts/full.ts';
import * as contacts from './contacts/queries.ts';
import * as dashboards from './dashboards/queries.ts';
import * as deals from './deals/queries.ts';
import * as lists from './lists/queries.ts';
import * as projects from './projects/queries.ts';
import * as tasks from './tasks/queries.ts';
import * as userDashboards from './users/dashboard.ts';
import * as userFull from './users/full.ts';
import * as users from './users/queries.ts';

/** A query found by its name: the caller's arguments are not checked yet. */
export type NamedQuery = Query<QueryArgs, unknown, DataContext>;

const modules: readonly object[] = [
  activities,
  activityAnalytics,
  companyAnalytics,
  platformAnalytics,
  companyFull,
  companies,
  contactFull,
  contacts,
  dashboards,
  deals,
  lists,
  projects,
  tasks,
  userDashboards,
  userFull,
  users,
];

export const crmQueries: ReadonlyMap<string, NamedQuery> = new Map(
  modules
    .flatMap((module) => Object.values(module) as unknown[])
    .filter(isQuery)
    .map((each) => [each.name, each]),
);

function isQuery(value: unknown): value is NamedQuery {
  return typeof value === 'object' && value !== null && 'keysOf' in value;
}
