/**
 * Repeats revocations. A failover of Redis may lose the last second of acknowledged commands, and a revocation among
 * them. So each revocation is also an outbox entry, and the drain repeats the revocation some time later. A
 * repetition does not end sessions that began after the revocation. A tenant's epoch is set again only if Redis has
 * lost the revocation and still has the epoch from before.
 *
 * The outbox entry is written after the revocation and after the response. A revocation is lost only with two faults
 * at the same time: the process dies before the entry is written, and a failover loses the revocation.
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
  /** All entries of a user that began by `at` (ms since the epoch), except entries of the new epoch ('' for none). */
  | { what: 'user'; buckets: readonly string[]; epoch: string; at: number }
  /** All entries of the tenant. `before` is the tenant's epoch from before the revocation. */
  | { what: 'tenant'; before: string; epoch: string };

const endUserAgainScript = script<number>(
  'session.end-user-again',
  `
-- Ends what a revocation has ended, if it is there again.
-- KEYS of each bucket: hash, epoch  ARGV[1] epoch that the revocation set, or ''  ARGV[2] when it was, in ms
-- Returns how many it ended.
-- Keeps: what began later stays, and what has the revocation's epoch.
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
-- Sets a tenant's epoch again, if Redis has forgotten it.
-- KEYS[1] tenant's epoch  ARGV[1] the epoch before the revocation  ARGV[2] that of the revocation  ARGV[3] its TTL in ms
-- Returns 1 if it was forgotten.
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
