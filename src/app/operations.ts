/** The operations of the API, without the pages around them: the part of the app that the OpenAPI document describes. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { type Alert, alertRoutes } from '../platform/alerts/index.ts';
import { auditRoutes } from '../platform/audit/index.ts';
import { feedRoutes } from '../platform/feeds/index.ts';
import type { AppEnv } from '../platform/http/index.ts';
import { deliveryRoutes, jobAdminRoutes, queueRoutes, scheduleRoutes } from '../platform/jobs/admin/index.ts';
import type { JobRegistry, Refusals, ScheduleRegistry } from '../platform/jobs/index.ts';
import { cacheRoutes, healthRoutes, metricsRoutes } from '../platform/observe/index.ts';
import { streamRoutes } from '../platform/streams/admin/index.ts';
import { feeds } from './live.ts';
import { modules } from './modules.ts';

/** The parts of an app that its operations show. */
export interface OperationParts {
  jobs: JobRegistry;
  schedules: ScheduleRegistry;
  alerts: readonly Alert[];
  /** The refused deliveries of this process. */
  refusals: Refusals;
}

/** Adds all operations to an app. */
export function addOperations(app: OpenAPIHono<AppEnv>, { jobs, schedules, alerts, refusals }: OperationParts): void {
  const queries = new Map(modules.flatMap((module) => [...module.queries]));
  app.route('/', healthRoutes);
  for (const routes of modules.flatMap((module) => module.routes)) app.route('/', routes);
  app.route('/', feedRoutes(feeds));
  app.route('/', streamRoutes(modules.flatMap((module) => module.consumers)));
  app.route('/', alertRoutes(alerts));
  app.route('/', auditRoutes());
  app.route('/', cacheRoutes(queries));
  app.route('/', metricsRoutes());
  app.route('/', jobAdminRoutes(jobs));
  app.route('/', queueRoutes(jobs));
  app.route('/', scheduleRoutes(schedules));
  app.route('/', deliveryRoutes(refusals));
}
