/** The Worker: HTTP requests, and cron ticks. */
import type { ExecutionContext, ScheduledController } from '@cloudflare/workers-types';
import { createApp } from '../src/app.ts';
import { jobs, schedules } from '../src/background.ts';
import { openIsolatePool } from '../src/db/index.ts';
import { readEnvironment } from '../src/env.ts';
import { createPlatform, type Platform } from '../src/platform.ts';

type Bindings = Readonly<Record<string, unknown>>;

/** One platform per isolate: bindings arrive with the first request and stay the same object. */
const platforms = new WeakMap<Bindings, Platform>();

function platformOf(bindings: Bindings): Platform {
  const known = platforms.get(bindings);
  if (known) return known;
  const environment = readEnvironment(bindings);
  const pool = openIsolatePool({ connectionString: environment.DATABASE_URL });
  const made = createPlatform({ environment, pool, schedules });
  platforms.set(bindings, made);
  return made;
}

const app = createApp(
  (c) => ({
    scope: platformOf(c.env as Bindings).scope,
    waitUntil: (work) => c.executionCtx.waitUntil(work),
    // Cloudflare writes this header itself, whatever a caller sent.
    clientIp: c.req.header('cf-connecting-ip'),
  }),
  jobs,
  schedules,
);

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
