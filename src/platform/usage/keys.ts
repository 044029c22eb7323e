/** The keys of usage, and how long they live. */
import { key, type RedisKey } from '../redis/index.ts';

const DAY_MS = 86_400_000;

/** The number of days that are kept, today included: thirteen weeks. */
export const KEPT_DAYS = 91;
/** How long the users of a day are kept, in ms. Days are kept a little longer than they are read. */
export const DAY_TTL_MS = (KEPT_DAYS + 7) * DAY_MS;
/**
 * Places are kept by periods of this many days. A user who is active in a period keeps the place from the previous
 * period. A user who is not active loses the place; by then, no bit of the place is read any more.
 */
const PERIOD_DAYS = DAY_TTL_MS / DAY_MS;
/** How long the places of a period are kept after the last active day in it, in ms: until the next period has ended. */
export const PLACES_TTL_MS = 2 * DAY_TTL_MS;
/** How long the offsets of a tenant's time zone are kept after they were last written, in ms. */
export const ZONE_TTL_MS = 400 * DAY_MS;
/**
 * The most users of a tenant that have a place in the bits of days: a day of them has 125 KB. Further users have no
 * place and are only counted.
 */
export const MOST_PLACES = 1_000_000;

/** The offsets of the tenant's time zone. */
export const zoneKey = (tenant: string): RedisKey => key(tenant, 'usageZone');
/** The place of each user in the bits of days, in the period of a moment or the one before it. */
export function placesKeys(tenant: string, ms: number): [present: RedisKey, previous: RedisKey] {
  const period = Math.floor(ms / DAY_MS / PERIOD_DAYS);
  const of = (number: number) => key(tenant, 'usagePlaces', String(number));
  return [of(period), of(period - 1)];
}
/** The users of a day, as a HyperLogLog. */
export const usersKey = (tenant: string, day: string): RedisKey => key(tenant, 'usageUsers', day);
/** The users of a day, one bit for each place. */
export const bitsKey = (tenant: string, day: string): RedisKey => key(tenant, 'usageBits', day);
/** A result between two commands of one script. */
export const scratchKey = (tenant: string, index: number): RedisKey => key(tenant, 'usageScratch', String(index));
