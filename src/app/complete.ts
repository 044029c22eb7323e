/** The check, at the start of a deployment, that the app registers all declarations of the code. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../platform/http/index.ts';
import { withScheduleRuns } from '../platform/jobs/index.ts';
import { requireRegistered } from '../platform/module.ts';
import { alerts, jobs, schedules } from './background.ts';
import { feeds } from './live.ts';
import { modules } from './modules.ts';

/**
 * Refuses an app that does not register every query, job, schedule, operation, feed, stream, consumer and alert that
 * the code declares. Also refuses an app in which an operation requires a right that no module defines.
 * @throws {ModuleError} if anything is missing; the message names each missing registration and each undefined right.
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
    alert: new Set(alerts.map(({ name }) => name)),
    feed: new Set(feeds.keys()),
    stream: new Set(modules.flatMap(({ streams }) => streams.map(({ name }) => name))),
    consumer: new Set(
      modules.flatMap(({ consumers }) => consumers.map(({ stream, name }) => `${stream.name}.${name}`)),
    ),
  });
}
