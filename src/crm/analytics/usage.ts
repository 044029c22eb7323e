/**
 * `GET /analytics/usage`: how many users are active, and how many come back. The platform counts them in Redis
 * (`platform/usage`), so nothing is cached: an answer costs one command beside the gate.
 */
import type { z } from '@hono/zod-openapi';
import type { Caller, Scope, TenantScope } from '../../platform/http/index.ts';
import { dayIn, offsetsOf } from '../../platform/rest/index.ts';
import { EXACT_BELOW, readUsage, setUsageZone, type UsageReading } from '../../platform/usage/index.ts';
import { tenantSettings } from '../tenant/queries.ts';
import type { usageSchema } from './schema.ts';

/** How far into the future Redis is told about clock changes, such as daylight saving time, in ms. */
const AHEAD_MS = 400 * 86_400_000;
/** Retention of fewer users would tell about single persons. */
const LEAST_COHORT = 5;

/** The services of a reading. */
interface Services {
  scope: Pick<Scope, 'redis' | 'system' | 'usage'>;
  tenant: Pick<TenantScope, 'tenant' | 'cache'>;
  caller: Pick<Caller, 'userId'>;
}

/**
 * Loads the usage of the caller's tenant. 1 request to Redis with 1 command, and the lookup of the tenant's settings.
 * @throws {RedisError} if Redis does not answer.
 */
export async function loadUsage({ scope, tenant, caller }: Services): Promise<z.input<typeof usageSchema>> {
  const now = scope.system.now();
  const timeZone = (await tenant.cache.read(tenantSettings, {})).timeZone ?? 'UTC';
  const today = dayIn(timeZone, now);
  const user = caller.userId === null ? null : scope.usage.nameOf(tenant.tenant, caller.userId);
  const reading = await readUsage(scope.redis, {
    tenant: tenant.tenant,
    now,
    today,
    offsets: offsetsOf(timeZone, now, now + AHEAD_MS),
    user,
  });
  return toUsage(reading, { timeZone, day: today, isUser: user !== null });
}

/** Tells Redis the time zone of a tenant, by which its users are counted. 1 command. */
export async function announceZone({ redis, system }: Services['scope'], tenant: string, timeZone: string | null) {
  const now = system.now();
  await setUsageZone(redis, tenant, offsetsOf(timeZone ?? 'UTC', now, now + AHEAD_MS));
}

function toUsage(
  { today, week, month, days, cohorts, streak }: UsageReading,
  { timeZone, day, isUser }: { timeZone: string; day: string; isUser: boolean },
): z.input<typeof usageSchema> {
  const counted = (users: number) => ({ users, exact: users < EXACT_BELOW });
  return {
    timeZone,
    day,
    activeUsers: { day: counted(today), week: counted(week), month: counted(month) },
    days,
    retention: cohorts.map(({ week: monday, users, returned }) => ({
      week: monday,
      users,
      returned: users < LEAST_COHORT ? null : returned.map((again) => Math.round((again / users) * 10_000) / 10_000),
    })),
    streak: isUser ? streak : null,
  };
}
