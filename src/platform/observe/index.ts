/** Health and cache statistics of the service. */
export { cacheRoutes, inspectByArguments } from './cache-routes.ts';
export { type Readiness, readiness } from './health.ts';
export { invalidateTags, removeEntries } from './invalidate.ts';
export { metricsRoutes } from './metrics-routes.ts';
export { startNewEra } from './new-era.ts';
export { healthRoutes } from './routes.ts';
export { observeSchedules } from './schedules.ts';
export { serviceFeed, wakeOperators } from './service-feed.ts';
