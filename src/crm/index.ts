/** The CRM: the application on top of the platform. */
export { crmBackgroundRoutes, crmBodyLimits } from './background-routes.ts';
export { crmJobs } from './jobs.ts';
export { listRoutes } from './lists/routes.ts';
export { crmQueries } from './queries.ts';
export { crmRoutes } from './routes.ts';
export { crmSchedules } from './schedules.ts';
export { WARMING_STEPS, type WarmedStep, warmTenant } from './warm.ts';
