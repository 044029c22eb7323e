/** The Hono app: the order of middleware and the mounting of routes. It runs unchanged in workerd and in Node. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { authRoutes } from './auth/index.ts';
import { crmBackgroundRoutes, crmBodyLimits, crmQueries, crmRoutes } from './crm/index.ts';
import {
  type AppEnv,
  answerError,
  answerNotFound,
  conditional,
  cors,
  costs,
  createRouter,
  csrf,
  mountDocs,
  ProblemError,
  privateByDefault,
  requestScope,
  type ScopeSource,
  securityHeaders,
} from './http/index.ts';
import {
  createJobs,
  createRefusals,
  createSchedules,
  deliveryRoutes,
  drainAtTail,
  type JobRegistry,
  jobAdminRoutes,
  jobRoutes,
  type ScheduleRegistry,
  scheduleRoutes,
  withScheduleRuns,
} from './jobs/index.ts';
import { cacheRoutes, healthRoutes } from './observe/index.ts';

/** Bodies larger than this are refused, in bytes, but where a route takes files. */
const LARGEST_BODY = 256 * 1024;

/** Builds the app. `source` makes the scope of each request; `jobs` are those it is delivered, `schedules` what it does when. */
export function createApp(
  source: (c: Context<AppEnv>) => ScopeSource,
  jobs: JobRegistry = createJobs([]),
  schedules: ScheduleRegistry = createSchedules([]),
): OpenAPIHono<AppEnv> {
  const known = withScheduleRuns(jobs, schedules);
  const refusals = createRefusals();
  const app = createRouter();
  app.onError(answerError);
  app.notFound(answerNotFound);
  app.use(requestScope(source));
  app.use(drainAtTail());
  app.use(costs());
  app.use(securityHeaders());
  app.use(cors());
  app.use(privateByDefault());
  app.use(conditional());
  app.use(csrf());
  app.use(limitBodies());
  app.route('/', healthRoutes);
  app.route('/', authRoutes);
  app.route('/', crmRoutes);
  app.route('/', crmBackgroundRoutes);
  app.route('/', cacheRoutes(crmQueries));
  app.route('/', jobRoutes(known, refusals));
  app.route('/', jobAdminRoutes(known));
  app.route('/', scheduleRoutes(schedules, source, refusals));
  app.route('/', deliveryRoutes(refusals));
  mountDocs(app);
  return app;
}

function limitBodies(): MiddlewareHandler<AppEnv> {
  const others = limitBody(LARGEST_BODY);
  const ofRoutes = new Map([...crmBodyLimits].map(([path, bytes]) => [path, limitBody(bytes)]));
  return (c, next) => (ofRoutes.get(c.req.path) ?? others)(c, next);
}

function limitBody(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError() {
      throw new ProblemError(413, 'BODY_TOO_LARGE', `The request body may have at most ${maxSize} bytes`);
    },
  });
}
