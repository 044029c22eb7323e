/** Jobs, queues, schedules and deliveries over HTTP, for administrators. */
export { jobAdminRoutes } from './admin-routes.ts';
export { deliveryRoutes } from './delivery-routes.ts';
export { queueRoutes } from './queue-routes.ts';
export { scheduleRoutes } from './schedule-routes.ts';
