/** The Hono app: the order of middleware and the mounting of routes. It runs unchanged in workerd and in Node. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { care } from '../care/index.ts';
import { careScreens } from '../care/screens/index.ts';
import { consoleRoutes } from '../console/index.ts';
import { identity } from '../identity/index.ts';
import type { Alert } from '../platform/alerts/index.ts';
import { feedRoutes } from '../platform/feeds/index.ts';
import {
  type AppEnv,
  answerError,
  answerNotFound,
  conditional,
  cors,
  costs,
  createRouter,
  csrf,
  type Description,
  issueMessage,
  mountDocs,
  onlyData,
  otherMethods,
  ProblemError,
  privateByDefault,
  requestScope,
  type ScopeSource,
  securityHeaders,
  WRITING_METHODS,
} from '../platform/http/index.ts';
import {
  createJobs,
  createRefusals,
  createSchedules,
  deliveryPath,
  drainAfterRequest,
  type JobRegistry,
  jobRoutes,
  type ScheduleRegistry,
  tickRoutes,
  withScheduleRuns,
} from '../platform/jobs/index.ts';
import { alerts as registeredAlerts } from './background.ts';
import { feeds } from './live.ts';
import { apiTexts, modules } from './modules.ts';
import { addOperations } from './operations.ts';

/** The largest request body in bytes, except for routes that take files. */
const LARGEST_BODY = 256 * 1024;

/**
 * Builds the app. `source` makes the scope of each request; the app runs the `jobs` and the `schedules`.
 * `description` returns the OpenAPI document; by default the document is made from the routes. `alerts` are the alerts
 * that operators see.
 */
export function createApp(
  source: (c: Context<AppEnv>) => ScopeSource,
  jobs: JobRegistry = createJobs([]),
  schedules: ScheduleRegistry = createSchedules([]),
  description?: Description,
  alerts: readonly Alert[] = registeredAlerts,
): OpenAPIHono<AppEnv> {
  const known = withScheduleRuns(jobs, schedules);
  const refusals = createRefusals();
  const queries = new Map(modules.flatMap((module) => [...module.queries]));
  const consumers = modules.flatMap((module) => module.consumers);
  const app = createFrame(source, jobRoutes(known, refusals));
  // The pages are mounted before the operations. A page calls operations, and each of them writes its own entry into
  // the audit trail, so the pages need no audit of their own.
  app.route(
    '/',
    careScreens(() => [...identity.routes, ...care.routes]),
  );
  addOperations(app, { jobs: known, schedules, alerts, refusals });
  app.route('/', tickRoutes(schedules, source, refusals));
  app.route('/', consoleRoutes({ jobs: known, schedules, queries, consumers, alerts, feeds }));
  mountDocs(app, apiTexts, description);
  return app;
}

/** Builds the part of the app that QStash calls, for deployments with a separate function for deliveries. */
export function createDeliveryApp(
  source: (c: Context<AppEnv>) => ScopeSource,
  jobs: JobRegistry,
  schedules: ScheduleRegistry,
): OpenAPIHono<AppEnv> {
  const refusals = createRefusals();
  const app = createFrame(source, jobRoutes(withScheduleRuns(jobs, schedules), refusals));
  app.route('/', tickRoutes(schedules, source, refusals));
  return app;
}

/** Builds the part of the app that sends live updates, for deployments with a separate function that streams. */
export function createFeedApp(source: (c: Context<AppEnv>) => ScopeSource): OpenAPIHono<AppEnv> {
  const app = createFrame(source);
  app.route('/', feedRoutes(feeds));
  return app;
}

/**
 * Creates an app with the middleware of every request. Its only routes are those of `deliveries`: QStash calls them, so
 * they need none of the middleware for browsers and caches.
 */
function createFrame(
  source: (c: Context<AppEnv>) => ScopeSource,
  deliveries?: ReturnType<typeof jobRoutes>,
): OpenAPIHono<AppEnv> {
  // This call sets the messages for the whole process, because the validators of routes take no messages of their own.
  z.config({ customError: issueMessage });
  const app = createRouter();
  app.onError(answerError);
  app.notFound(answerNotFound);
  app.use(requestScope(source, drainAfterRequest()));
  if (deliveries) {
    app.post(deliveryPath('*'), onlyData(), limitBody(LARGEST_BODY));
    app.route('/', deliveries);
  }
  app.use(costs());
  app.use(securityHeaders());
  app.use(cors());
  app.use(privateByDefault());
  app.use(conditional());
  app.on(WRITING_METHODS, '*', csrf(), limitBodies());
  app.use(otherMethods(app));
  return app;
}

function limitBodies(): MiddlewareHandler<AppEnv> {
  const others = limitBody(LARGEST_BODY);
  const larger = modules
    .flatMap(({ bodyLimits }) => Object.entries(bodyLimits))
    .map(([path, bytes]) => ({ path: pattern(path), limit: limitBody(bytes) }));
  return (c, next) => (larger.find(({ path }) => path.test(c.req.path))?.limit ?? others)(c, next);
}

/** Returns the pattern of a path of the OpenAPI document, such as `/imports/{id}/parts/{part}`. */
function pattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`);
}

function limitBody(maxSize: number): MiddlewareHandler {
  const onError = () => {
    throw new ProblemError(413, 'BODY_TOO_LARGE', `The request body may have at most ${maxSize} bytes`);
  };
  const counted = bodyLimit({ maxSize, onError });
  return (c, next) => {
    const length = c.req.header('content-length');
    if (length === undefined || c.req.header('transfer-encoding') !== undefined) return counted(c, next);
    // Without the stream of the body, Node reads the body in one piece, for a fraction of the CPU.
    return Number.parseInt(length, 10) > maxSize ? onError() : next();
  };
}
