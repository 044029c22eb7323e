/** The feed that tells the operating tenant that the counters of the service have new numbers. */
import type { Counters } from '../counters/index.ts';
import { feed, wakeListeners, wakeUpSchema } from '../feeds/index.ts';
import type { RedisClient } from '../redis/index.ts';

/** Only the operating tenant gets events: the counters are those of all tenants. */
export const serviceFeed = feed('service', {
  audience: 'tenant',
  access: 'console:view',
  event: wakeUpSchema,
  description: 'the figures of the service have changed; at most every 5 s, and only in the operating tenant',
});

/**
 * The answers that a page of the console causes itself. If they counted, the page would wake itself again and again.
 */
const OWN_ANSWERS = 'http.requests|GET /feeds|';

/**
 * Wakes the operators, beside a flush of the counters, if an answer was counted that no open console has caused. 1
 * command, in the request of the flush; 0 without an operating tenant. Never throws: the next flush wakes again.
 */
export async function wakeOperators(
  { redis, counters }: { redis: RedisClient; counters: Pick<Counters, 'pending'> },
  tenant: string | undefined,
): Promise<void> {
  if (tenant === undefined) return;
  const counted = [...counters.pending().keys()].filter((field) => field.startsWith('http.requests|'));
  if (counted.some((field) => !field.startsWith(OWN_ANSWERS))) {
    await wakeListeners({ redis, tenant }, serviceFeed).catch(() => {});
  }
}
