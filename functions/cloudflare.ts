/** The Worker: HTTP requests, and cron ticks. */
import type { ExecutionContext, Fetcher, ScheduledController } from '@cloudflare/workers-types';
import { createApp } from '../src/app/app.ts';
import { jobs, schedules } from '../src/app/background.ts';
import { requireComplete } from '../src/app/complete.ts';
import { readEnvironment } from '../src/app/env.ts';
import { createPlatform, type Platform } from '../src/app/platform.ts';
import { openIsolatePool } from '../src/platform/db/index.ts';
import type { Description } from '../src/platform/http/index.ts';

type Bindings = Readonly<Record<string, unknown>>;

/**
 * The platform of the isolate, by bindings. The bindings arrive with the first request, and every request of an isolate
 * has the same object.
 */
const platforms = new WeakMap<Bindings, Platform>();

function platformOf(bindings: Bindings): Platform {
  const known = platforms.get(bindings);
  if (known) return known;
  const environment = readEnvironment(bindings);
  const pool = openIsolatePool({
    connectionString: environment.DATABASE_URL,
    connectTimeoutMs: environment.DATABASE_CONNECT_TIMEOUT_MS,
  });
  const made = createPlatform({ environment, pool, schedules });
  platforms.set(bindings, made);
  return made;
}

/** Returns the OpenAPI document, which the build wrote to a file of /docs. Costs one request to the Worker's assets. */
const description: Description = async (c) => {
  const { ASSETS } = c.env as { ASSETS: Fetcher };
  const file = await ASSETS.fetch(new URL('/docs/openapi.json', c.req.url).href);
  if (!file.ok) throw new Error(`The description of the API was not deployed: ${file.status}`);
  return file.text();
};

const app = createApp(
  (c) => ({
    scope: platformOf(c.env as Bindings).scope,
    waitUntil: (work) => c.executionCtx.waitUntil(work),
    // Cloudflare overwrites this header, so a caller cannot forge it.
    clientIp: c.req.header('cf-connecting-ip'),
  }),
  jobs,
  schedules,
  description,
);
requireComplete(app);

export default {
  fetch: app.fetch,
  async scheduled(
    { scheduledTime }: ScheduledController,
    bindings: Bindings,
    context: ExecutionContext,
  ): Promise<void> {
    context.waitUntil(platformOf(bindings).scheduled(scheduledTime));
  },
};
