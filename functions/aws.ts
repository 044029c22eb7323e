/**
 * The Lambdas: HTTP requests through API Gateway (payload format 2.0), QStash's deliveries, live updates through a
 * function URL, and schedule ticks.
 */
import { readFile } from 'node:fs/promises';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Context } from 'hono';
import { type ApiGatewayRequestContextV2, handle, streamHandle } from 'hono/aws-lambda';
import { createApp, createDeliveryApp, createFeedApp } from '../src/app/app.ts';
import { jobs, schedules } from '../src/app/background.ts';
import { requireComplete } from '../src/app/complete.ts';
import { readEnvironment } from '../src/app/env.ts';
import { createPlatform } from '../src/app/platform.ts';
import { openDatabasePool } from '../src/platform/db/index.ts';
import { createNodeFetch, createRedisFetch } from '../src/platform/keep-alive-fetch.ts';
import { createPublicFetch } from '../src/platform/public-fetch.ts';

// An open connection keeps a Lambda running, which costs money, and API Gateway's HTTP API cannot stream. The function
// `feeds` has another mode in its environment.
const environment = readEnvironment({ FEEDS_MODE: 'poll', ...process.env });
// A Lambda serves one request at a time; its parallel queries share two connections.
const pool = openDatabasePool({
  connectionString: environment.DATABASE_URL,
  maxConnections: 2,
  connectTimeoutMs: environment.DATABASE_CONNECT_TIMEOUT_MS,
});
const platform = createPlatform({
  environment,
  pool,
  fetch: createRedisFetch(),
  qstash: createNodeFetch(),
  publicFetch: createPublicFetch(),
  schedules,
});
const source = (c: Context) => ({
  scope: platform.scope,
  clientIp: (c.env as { requestContext?: ApiGatewayRequestContextV2 }).requestContext?.http.sourceIp,
});
// A Lambda's working directory is the root of its package.
const publicFiles = './dist/public';
const app = createApp(source, jobs, schedules, () => readFile(`${publicFiles}/docs/openapi.json`, 'utf8'));
requireComplete(app);
// The app serves the files of /docs, /console and /care-files, and those of /live, which no deployment has. On Workers, the platform
// serves these files.
for (const path of ['/docs/*', '/console/*', '/care-files/*', '/live/*', '/sign-in/passkey.js'])
  app.use(path, serveStatic({ root: publicFiles }));

export const api = handle(app);

/** Receives QStash's deliveries to JOBS_URL. A job may take minutes, but API Gateway waits at most 30 s. */
export const deliveries = handle(createDeliveryApp(source, jobs, schedules));

/**
 * Streams live updates to the function's own URL. AWS's runtime has the global `awslambda`, which marks a handler as one
 * that streams. A process without this global cannot stream, so this export is `undefined` there.
 */
export const feeds = 'awslambda' in globalThis ? streamHandle(createFeedApp(source)) : undefined;

/** Runs due schedules. EventBridge passes the minute of the call as `time`. */
export async function scheduled({ time }: { time: string }): Promise<void> {
  await platform.scheduled(Date.parse(time));
}
