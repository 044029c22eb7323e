/**
 * Repeats revocations. A failover of Redis may lose the last second of acknowledged commands, and with them a
 * revocation. So each revocation is also an outbox entry, and the drain repeats the revocation some time later. A
 * repetition does not end sessions that began after the revocation. It sets a tenant's epoch again only if Redis still
 * has the epoch from before the revocation.
 *
 * The outbox entry is written after the revocation and after the response. So a revocation is lost only if two faults
 * happen together: the process dies before the entry is written, and a failover loses the revocation.
 */

import { milliseconds } from '../duration.ts';
import type { Log } from '../log.ts';
import type { OutboxHandler } from '../outbox/index.ts';
import { isInteger, isOneOf, type RedisClient, script } from '../redis/index.ts';
import { bucketKeys, EPOCH_TTL_MS, LUA_EPOCH, tenantEpochKey } from './epochs.ts';
import { LUA_RECORD } from './record.ts';
import { revokeEntry } from './revoke.ts';

/** The kind of a revocation's outbox entry; see `outbox/outbox-handlers.ts`. */
export const REVOCATION = 'revocation';

/** The time between a revocation and its repetition, in ms: longer than a failover takes. */
export const REPEAT_AFTER_MS = milliseconds('30s');

/** A revocation in the form of the outbox. It contains no tokens, and its buckets are pseudonyms of users. */
export type Revocation =
  /** One session or family of refresh tokens. */
  | { what: 'entry'; buckets: readonly string[]; id: string }
  /**
   * All entries of a user that began at `at` (ms since the epoch) or earlier. Entries with the epoch `epoch` stay; ''
   * for no epoch.
   */
  | { what: 'user'; buckets: readonly string[]; epoch: string; at: number }
  /** All entries of the tenant. `before` is the tenant's epoch from before the revocation. */
  | { what: 'tenant'; before: string; epoch: string };

const endUserAgainScript = script<number>(
  'session.end-user-again',
  `
-- Ends again the entries that a revocation ended, if Redis has lost the revocation.
-- KEYS[2i-1], KEYS[2i] hash and epoch of each of the user's buckets
-- ARGV[1] epoch that the revocation set, or ''  ARGV[2] time of the revocation, in ms since the epoch
-- Returns the number of entries that were ended.
-- Keeps: entries that began later stay, and entries with the epoch of the revocation stay.
local revocationEpoch, revokedAt = ARGV[1], ARGV[2]
${LUA_EPOCH}
local ended = 0
for i = 1, #KEYS, 2 do
  if revocationEpoch == '' or epoch(KEYS[i + 1]) ~= revocationEpoch then
    local flat = redis.call('HGETALL', KEYS[i])
    for j = 1, #flat, 2 do
      local name = flat[j]
      local created, _, _, _, user = string.match(flat[j + 1], ${LUA_RECORD})
      local older = created and tonumber(created) <= tonumber(revokedAt) and (revocationEpoch == '' or user ~= revocationEpoch)
      if older and not string.find(name, '[~=]$') then
        redis.call('HDEL', KEYS[i], name, name .. '~', name .. '=')
        ended = ended + 1
      end
    end
  end
end
return ended
`,
  { allowOom: true, isReply: isInteger },
);

const endTenantAgainScript = script<number>(
  'session.end-tenant-again',
  `
-- Sets a tenant's epoch again, if Redis has lost the revocation that set it.
-- KEYS[1] epoch of the tenant
-- ARGV[1] epoch before the revocation  ARGV[2] epoch that the revocation set  ARGV[3] TTL of the epoch in ms
-- Returns 1 if Redis had lost the revocation, 0 if not.
-- Keeps: an epoch that a later revocation has set stays.
local tenantEpoch, before, revocationEpoch, ttl = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
${LUA_EPOCH}
if epoch(tenantEpoch) ~= before then return 0 end
redis.call('SET', tenantEpoch, revocationEpoch, 'PX', ttl)
return 1
`,
  { allowOom: true, isReply: isOneOf(0, 1) },
);

/** Repeats a revocation. Returns `true` if Redis had lost the revocation. 1 request, 1 command. */
async function endAgain(redis: RedisClient, tenant: string, revocation: Revocation): Promise<boolean> {
  if (revocation.what === 'tenant') {
    const args = [revocation.before, revocation.epoch, EPOCH_TTL_MS];
    return (await endTenantAgainScript.call(redis, [tenantEpochKey(tenant)], args)) > 0;
  }
  const buckets = revocation.buckets.map((bucket) => bucketKeys(tenant, bucket));
  if (revocation.what === 'entry') return revokeEntry(redis, buckets, revocation.id);
  const keys = buckets.flatMap(({ sessions, epoch }) => [sessions, epoch]);
  return (await endUserAgainScript.call(redis, keys, [revocation.epoch, revocation.at])) > 0;
}

/** Returns the outbox handler that repeats revocations: 1 request for all entries of a drain, 1 command for each. */
export function revocationHandler({ redis, log }: { redis: RedisClient; log: Log }): OutboxHandler {
  return (entries) =>
    Promise.allSettled(
      entries.map(async ({ tenant, payload }) => {
        const revocation = payload as Revocation; // Only `sessions.ts` and `client-tokens.ts` write this payload.
        if (await endAgain(redis, tenant, revocation)) {
          log.warn('session.revocation_forgotten', { tenant, what: revocation.what });
        }
      }),
    );
}
