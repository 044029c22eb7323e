/** The CRM: the application on top of the platform. */
import { module } from '../platform/module.ts';
import * as activities from './activities/queries.ts';
import { rollUpActivities } from './activities/roll-up.ts';
import * as activityAnalytics from './analytics/activity.ts';
import * as companyAnalytics from './analytics/company.ts';
import * as platformAnalytics from './analytics/platform.ts';
import { analyticsRoutes } from './analytics/routes.ts';
import * as velocity from './analytics/velocity.ts';
import { companyEvents } from './companies/events.ts';
import * as companyFull from './companies/full.ts';
import * as companies from './companies/queries.ts';
import { companyRoutes } from './companies/routes.ts';
import { contactEvents } from './contacts/events.ts';
import * as contactFull from './contacts/full.ts';
import * as contacts from './contacts/queries.ts';
import { contactRoutes } from './contacts/routes.ts';
import * as dashboards from './dashboards/queries.ts';
import { dashboardRoutes } from './dashboards/routes.ts';
import { dealEvents } from './deals/events.ts';
import * as dealHistory from './deals/history.ts';
import * as deals from './deals/queries.ts';
import { dealRoutes } from './deals/routes.ts';
import { draftRoutes } from './drafts/routes.ts';
import { exportJobs } from './exports/job.ts';
import { exportRoutes } from './exports/routes.ts';
import { crmFeeds } from './feeds.ts';
import { purgeField } from './fields/purge.ts';
import * as fields from './fields/queries.ts';
import { fieldRoutes } from './fields/routes.ts';
import { LARGEST_BODY } from './imports/body.ts';
import { endingRoutes } from './imports/ending-routes.ts';
import { importJobs } from './imports/job.ts';
import { importKinds } from './imports/read/plan.ts';
import { importRoutes } from './imports/routes.ts';
import { undoJobs } from './imports/undo-job.ts';
import { uploadRoutes } from './imports/upload-routes.ts';
import * as lists from './lists/queries.ts';
import { listRoutes } from './lists/routes.ts';
import { liveRoutes } from './live/routes.ts';
import { notifyPeople } from './notifications/job.ts';
import * as notifications from './notifications/queries.ts';
import { notificationRoutes } from './notifications/routes.ts';
import { crmNumbers } from './numbers.ts';
import { preferencesRoutes } from './preferences/routes.ts';
import { projectEvents } from './projects/events.ts';
import * as projects from './projects/queries.ts';
import { projectRoutes } from './projects/routes.ts';
import { crmSchedules } from './schedules.ts';
import * as search from './search/queries.ts';
import { searchRoutes } from './search/routes.ts';
import { taskEvents } from './tasks/events.ts';
import * as tasks from './tasks/queries.ts';
import { taskRoutes } from './tasks/routes.ts';
import * as tenant from './tenant/queries.ts';
import { tenantRoutes } from './tenant/routes.ts';
import * as userDashboards from './users/dashboard.ts';
import { userEvents } from './users/events.ts';
import * as userFull from './users/full.ts';
import * as users from './users/queries.ts';
import { userRoutes } from './users/routes.ts';
import { deliveryRoutes } from './webhooks/delivery-routes.ts';
import { deliverWebhook } from './webhooks/job.ts';
import { webhookRoutes } from './webhooks/routes.ts';
import { mailWebhookOff } from './webhooks/switch-off.ts';

export { WARMING_STEPS, type WarmedStep, warmTenant } from './warm.ts';

export const crm = module({
  name: 'crm',
  rights: ['crm:read', 'crm:write', 'analytics:refresh'],
  roles: { admin: ['crm:*', 'analytics:refresh'], member: ['crm:*'], clinician: ['crm:read'], auditor: ['crm:read'] },
  routes: [
    tenantRoutes,
    userRoutes,
    companyRoutes,
    contactRoutes,
    dealRoutes,
    fieldRoutes,
    projectRoutes,
    taskRoutes,
    dashboardRoutes,
    analyticsRoutes,
    importRoutes,
    uploadRoutes,
    endingRoutes,
    exportRoutes,
    notificationRoutes,
    webhookRoutes,
    deliveryRoutes,
    listRoutes,
    preferencesRoutes,
    draftRoutes,
    liveRoutes,
    searchRoutes,
  ],
  queries: [
    ...[dealHistory, velocity],
    ...[activities, activityAnalytics, companyAnalytics, platformAnalytics, dashboards, lists, notifications, search],
    ...[
      companies,
      companyFull,
      contacts,
      contactFull,
      deals,
      fields,
      projects,
      tasks,
      tenant,
      users,
      userDashboards,
      userFull,
    ],
  ],
  jobs: [
    ...[notifyPeople, deliverWebhook, mailWebhookOff, rollUpActivities, purgeField, ...Object.values(undoJobs)],
    ...Object.values(importJobs).flatMap(({ write, forget }) => [write, forget]),
    ...Object.values(exportJobs).flatMap(({ write, forget }) => [write, forget]),
  ],
  streams: [dealEvents, companyEvents, contactEvents, projectEvents, taskEvents, userEvents],
  consumers: [dealHistory.stageHistory, velocity.salesVelocity],
  schedules: crmSchedules,
  numbers: crmNumbers,
  feeds: crmFeeds,
  tags: {
    Tenant: 'The settings of the tenant',
    Users: 'The people of the tenant, and their own dashboards',
    Companies: 'Organizations that the tenant sells to',
    Contacts: 'People at companies',
    Deals: 'Possible sales, their stages and values',
    'Custom fields': 'Fields of contacts, companies and deals that the tenant defines',
    Projects: 'Work for a company, with members and tasks',
    Tasks: 'What users have to do, alone or in a project',
    Search: 'The rows that match a text',
    Dashboard: 'The start page of the tenant',
    Analytics: 'Statistics of companies and of the tenant',
    'Imports and exports': 'Contacts, companies and deals from CSV files; these and tasks to CSV files',
    Notifications: 'News for the signed-in user',
    Webhooks: 'Servers that receive the tenant’s events',
    Lists: 'The signed-in user’s settings of lists in the app',
    Preferences: 'The signed-in user’s preferences',
    Drafts: 'Unsent texts of the signed-in user, which Redis keeps for a week',
  },
  bodyLimits: {
    ...Object.fromEntries(importKinds.map((kind) => [`/imports/${kind}`, LARGEST_BODY])),
    '/imports/{id}/parts/{part}': LARGEST_BODY,
  },
});
