/**
 * `POST /schedules/tick`: where a schedule of QStash delivers, `* * * * *`, with any body. For deployments without cron.
 * Not for API callers, so the route is in no OpenAPI document.
 */
import { type Context, Hono } from 'hono';
import { type JobEnv, readDelivery } from './qstash/delivery.ts';
import type { Refusals } from './qstash/refusals.ts';
import type { ScheduleRegistry } from './schedule.ts';
import type { JobScope } from './scope.ts';
import { trigger } from './tick.ts';

/** The route. Each run has a scope of its own, from `source`. */
export function tickRoutes<Env extends JobEnv>(
  schedules: ScheduleRegistry,
  source: (c: Context<Env>) => { scope(): JobScope },
  refusals: Refusals,
): Hono<Env> {
  const router = new Hono<Env>();
  router.post('/schedules/tick', async (c) => {
    // Hono's contexts are invariant in their variables.
    const delivery = c as unknown as Context<JobEnv>;
    await readDelivery(delivery, refusals);
    const ran = await trigger({ scope: source(c).scope, schedules }, delivery.get('scope').system.now());
    return c.json({ ran }, 200);
  });
  return router;
}
