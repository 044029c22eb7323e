/** The check at the start of a deployment that the app contains all declarations of the code. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../platform/http/index.ts';
import { withScheduleRuns } from '../platform/jobs/index.ts';
import { requireRegistered } from '../platform/module.ts';
import { jobs, schedules } from './background.ts';
import { modules } from './modules.ts';

/**
 * Refuses an app that declares a query, job, schedule or operation but does not register it, or in which an operation
 * requires a right that no module defines.
 * @throws {ModuleError} that names each missing registration and each undefined right.
 */
export function requireComplete(app: OpenAPIHono<AppEnv>): void {
  const operations = app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' ? (definition.route.operationId ?? []) : [],
  );
  requireRegistered({
    query: new Set(modules.flatMap(({ queries }) => [...queries.keys()])),
    job: new Set(withScheduleRuns(jobs, schedules).keys()),
    schedule: new Set(schedules.keys()),
    operation: new Set(operations),
  });
}
