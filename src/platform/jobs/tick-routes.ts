/**
 * `POST /schedules/tick`: the route for a schedule of QStash (`* * * * *`, with any body) in place of a cron trigger.
 * API callers must not use the route, so OpenAPI does not list it.
 */
import { type Context, Hono } from 'hono';
import { type JobEnv, readDelivery } from './qstash/delivery.ts';
import type { Refusals } from './qstash/refusals.ts';
import type { ScheduleRegistry } from './schedule.ts';
import type { JobScope } from './scope.ts';
import { trigger } from './tick.ts';

/** Creates the route. Each run gets its own scope from `source`. */
export function tickRoutes<Env extends JobEnv>(
  schedules: ScheduleRegistry,
  source: (c: Context<Env>) => { scope(): JobScope },
  refusals: Refusals,
): Hono<Env> {
  const router = new Hono<Env>();
  router.post('/schedules/tick', async (c) => {
    // The cast is necessary because Hono's contexts are invariant in their variables.
    const delivery = c as unknown as Context<JobEnv>;
    await readDelivery(delivery, refusals);
    const ran = await trigger({ scope: source(c).scope, schedules }, delivery.get('scope').system.now());
    return c.json({ ran }, 200);
  });
  return router;
}
