/** Health and cache statistics of the service. */
export { cacheRoutes } from './cache-routes.ts';
export { type Readiness, readiness } from './health.ts';
export { healthRoutes } from './routes.ts';
