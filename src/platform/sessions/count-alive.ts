/** Counts the entries of users that are alive now: browsers’ sessions, and families of refresh tokens. */
import { isInteger, isTuple, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { bucketKeys, LUA_EPOCH, tenantEpochKey } from './epochs.ts';
import { FAMILY, LUA_RECORD } from './record.ts';

const countScript = script<[users: number, sessions: number, families: number]>(
  'session.count',
  `
-- Counts the valid entries of n buckets.
-- KEYS[1..n] hashes of the buckets  KEYS[n+1..2n] their epochs  KEYS[2n+1..] epochs of their tenants
-- ARGV[1] n  ARGV[2] now, in ms since the epoch  ARGV[2+i] number of the epoch of the tenant of bucket i, 1 is the first
-- Returns {buckets with a valid entry, sessions, families}.
local n, now = tonumber(ARGV[1]), tonumber(ARGV[2])
${LUA_EPOCH}
local users, sessions, families = 0, 0, 0
for i = 1, n do
  local flat = redis.call('HGETALL', KEYS[i])
  local ofUser, ofTenant = epoch(KEYS[n + i]), epoch(KEYS[2 * n + tonumber(ARGV[2 + i])])
  local seen, found = {}, false
  for at = 1, #flat, 2 do
    if string.sub(flat[at], -1) == '~' then seen[string.sub(flat[at], 1, -2)] = string.match(flat[at + 1], '^%d+') end
  end
  for at = 1, #flat, 2 do
    local name = flat[at]
    local createdAt, idleMs, expiresAt, tenant, user = string.match(flat[at + 1], ${LUA_RECORD})
    if createdAt and not string.find(name, '[~=]$') and tenant == ofTenant and user == ofUser
      and tonumber(expiresAt) > now and tonumber(seen[name] or createdAt) + tonumber(idleMs) > now then
      found = true
      if string.sub(name, 1, ${FAMILY.length}) == '${FAMILY}' then families = families + 1 else sessions = sessions + 1 end
    end
  end
  if found then users = users + 1 end
end
return {users, sessions, families}
`,
  { isReply: isTuple(isInteger, isInteger, isInteger) },
);

/** The entries of some users that are alive. */
export interface AliveEntries {
  /**
   * Users with an entry. A user with entries under two of the keys of `AUTH_KEYS` counts twice, until the older ones
   * end.
   */
  users: number;
  /** Sessions of browsers. */
  sessions: number;
  /** Families of refresh tokens, one for each signed-in program. */
  families: number;
}

/**
 * Counts the valid entries in these keys of the family `sessions`. 1 command, none without keys.
 * @param now ms since the epoch.
 */
export async function countAlive(redis: RedisClient, keys: readonly string[], now: number): Promise<AliveEntries> {
  const buckets = keys.flatMap((name) => {
    const [, tenant = '', , bucket = ''] = name.split(':');
    const own = bucketKeys(tenant, bucket);
    return own.sessions === name ? [{ ...own, tenant: tenantEpochKey(tenant) }] : [];
  });
  if (buckets.length === 0) return { users: 0, sessions: 0, families: 0 };
  const tenants: RedisKey[] = [...new Set(buckets.map(({ tenant }) => tenant))];
  const places = new Map(tenants.map((name, index) => [name, index + 1]));
  const [users, sessions, families] = await countScript.call(
    redis,
    [...buckets.map(({ sessions: name }) => name), ...buckets.map(({ epoch }) => epoch), ...tenants],
    [buckets.length, now, ...buckets.map(({ tenant }) => places.get(tenant) ?? 1)],
  );
  return { users, sessions, families };
}
