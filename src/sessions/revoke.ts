/** Ways to end what lets users in: one entry, everything of a user, everything of a tenant. Each is one command. */
import { isInteger, isOneOf, type RedisClient, script } from '../redis/index.ts';
import { type BucketKeys, EPOCH_TTL_MS, tenantEpochKey } from './epochs.ts';
import { LUA_RECORD } from './record.ts';

const revokeScript = script<number>(
  'session.revoke',
  `
-- Ends the entry of that id, whatever its name is by now.
-- KEYS hashes of the user's buckets  ARGV[1] id
-- Returns how many it ended: 1, or 0 if there is none.
local ended = 0
for i = 1, #KEYS do
  local flat = redis.call('HGETALL', KEYS[i])
  for j = 1, #flat, 2 do
    local name = flat[j]
    local _, _, _, _, _, id = string.match(flat[j + 1], ${LUA_RECORD})
    if id == ARGV[1] and not string.find(name, '[~=]$') then
      redis.call('HDEL', KEYS[i], name, name .. '~', name .. '=')
      ended = ended + 1
    end
  end
end
return ended
`,
  { isReply: isInteger },
);

const revokeAllScript = script<'OK'>(
  'session.revoke-all',
  `
-- Ends all that lets a user in.
-- KEYS of each bucket: hash, epoch  ARGV[1] new epoch  ARGV[2] its TTL in ms
-- Returns OK.
-- Keeps: nothing made with an epoch read before this counts after it.
for i = 1, #KEYS, 2 do
  redis.call('DEL', KEYS[i])
  redis.call('SET', KEYS[i + 1], ARGV[1], 'PX', ARGV[2])
end
return 'OK'
`,
  { isReply: isOneOf('OK') },
);

/** Ends the entry of that id; `false` if there is none. 1 command, whose work grows with the user's entries. */
export async function revokeEntry(redis: RedisClient, buckets: readonly BucketKeys[], id: string): Promise<boolean> {
  return (
    (await revokeScript.run(
      redis,
      buckets.map(({ sessions }) => sessions),
      [id],
    )) > 0
  );
}

/** Ends every session and every refresh token of a user. 1 command. */
export async function revokeUser(redis: RedisClient, buckets: readonly BucketKeys[], epoch: string): Promise<void> {
  await revokeAllScript.run(
    redis,
    buckets.flatMap(({ sessions, epoch }) => [sessions, epoch]),
    [epoch, EPOCH_TTL_MS],
  );
}

/** Ends every session and every refresh token of a tenant. 1 command; what it ends is swept as time goes by. */
export async function revokeTenant(redis: RedisClient, tenant: string, epoch: string): Promise<void> {
  await redis.set(tenantEpochKey(tenant), epoch, { px: EPOCH_TTL_MS });
}
