/** How the service is doing. */
export { cacheRoutes } from './cache-routes.ts';
export { type Readiness, readiness } from './health.ts';
export { healthRoutes } from './routes.ts';
