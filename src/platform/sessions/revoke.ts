/**
 * Revocations: of one entry, of all entries of a user, of all entries of a tenant. Each revocation is one command, a
 * script that also runs in a full Redis (`allow-oom`), because revocations must work even if other writes fail.
 *
 * If Redis refuses the script nevertheless, the revocation deletes the entries with the plain commands `HDEL` and
 * `UNLINK`. These need no memory and other permissions than scripts. No epoch can be set in this case. For a user this
 * is safe: the entries themselves are deleted, and the lock of the account's row protects against sign-ins in progress.
 * If Redis refuses the deletion too, the entries stay, and the caller gets the refusal as an error.
 */
import { isInteger, isOneOf, isRefusal, isText, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { type BucketKeys, EPOCH_TTL_MS, LUA_EPOCH, tenantEpochKey, tenantSessionsPattern } from './epochs.ts';
import { LUA_RECORD, readRecord } from './record.ts';

const revokeScript = script<number>(
  'session.revoke',
  `
-- Ends the entry with this id. A rotation changes the name of an entry, but not its id.
-- KEYS hashes of the user's buckets  ARGV[1] id
-- Returns the number of ended entries: 1, or 0 if the entry does not exist.
local ended_id = ARGV[1]
local ended = 0
for i = 1, #KEYS do
  local flat = redis.call('HGETALL', KEYS[i])
  for j = 1, #flat, 2 do
    local name = flat[j]
    local _, _, _, _, _, id = string.match(flat[j + 1], ${LUA_RECORD})
    if id == ended_id and not string.find(name, '[~=]$') then
      redis.call('HDEL', KEYS[i], name, name .. '~', name .. '=')
      ended = ended + 1
    end
  end
end
return ended
`,
  { allowOom: true, isReply: isInteger },
);

const revokeAllScript = script<'OK'>(
  'session.revoke-all',
  `
-- Ends all sessions and refresh tokens of a user.
-- KEYS[2i-1], KEYS[2i] hash and epoch of each of the user's buckets  ARGV[1] new epoch  ARGV[2] TTL of the epoch in ms
-- Returns OK.
-- Keeps: a sign-in that read an older epoch creates no entry.
local newEpoch, ttl = ARGV[1], ARGV[2]
for i = 1, #KEYS, 2 do
  redis.call('DEL', KEYS[i])
  redis.call('SET', KEYS[i + 1], newEpoch, 'PX', ttl)
end
return 'OK'
`,
  { allowOom: true, isReply: isOneOf('OK') },
);

const revokeTenantScript = script<string>(
  'session.revoke-tenant',
  `
-- Ends all sessions and refresh tokens of a tenant.
-- KEYS[1] epoch of the tenant  ARGV[1] new epoch  ARGV[2] TTL of the epoch in ms
-- Returns the epoch before.
-- Keeps: an entry that records an older epoch is not valid, and a sign-in that read an older epoch creates no entry.
local tenantEpoch, newEpoch, ttl = KEYS[1], ARGV[1], ARGV[2]
${LUA_EPOCH}
local before = epoch(tenantEpoch)
redis.call('SET', tenantEpoch, newEpoch, 'PX', ttl)
return before
`,
  { allowOom: true, isReply: isText },
);

/**
 * The maximum number of attempts to find and delete an entry; a concurrent rotation may rename the entry in between.
 */
const ROUNDS = 3;
/** The number of keys in each step of a scan, and the maximum number of steps. Together: 2,000,000 keys. */
const SCAN_COUNT = 5_000;
const MOST_SCANS = 400;

/**
 * Ends the entry with this id. Returns `false` if the entry does not exist. 1 command; its work grows with the number
 * of the user's entries. If Redis refuses the script: 2 requests to find and delete the entry, and 1 to check.
 * @throws {RedisError} the refusal, if Redis also refuses the deletion.
 */
export async function revokeEntry(redis: RedisClient, buckets: readonly BucketKeys[], id: string): Promise<boolean> {
  const hashes = buckets.map(({ sessions }) => sessions);
  try {
    return (await revokeScript.call(redis, hashes, [id])) > 0;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    let ended = false;
    for (let round = 0; round < ROUNDS; round += 1) {
      const found = await Promise.all(hashes.map((hash) => namesOf(redis, hash, id)));
      if (found.every((names) => names.length === 0)) return ended;
      await Promise.all(found.map((names, at) => removeFields(redis, hashes[at] as RedisKey, names)));
      ended = true;
    }
    throw error;
  }
}

/** Reads the names of the fields that hold the entry with this id. A rotation changes the name of an entry. */
async function namesOf(redis: RedisClient, hash: RedisKey, id: string): Promise<string[]> {
  const flat = (await redis.exec<string[] | null>(['HGETALL', hash])) ?? [];
  return flat.filter((name, at) => at % 2 === 0 && !/[~=]$/.test(name) && readRecord(flat[at + 1])?.id === id);
}

async function removeFields(redis: RedisClient, hash: RedisKey, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  await redis.exec(['HDEL', hash, ...names.flatMap((name) => [name, `${name}~`, `${name}=`])]);
}

/**
 * Ends every session and every refresh token of a user. 1 command; 2 more if Redis refuses the command.
 * `epoch: false` means that the sessions were deleted, but no new epoch was set.
 * @throws {RedisError} the refusal, if Redis also refuses the deletion.
 */
export async function revokeUser(
  redis: RedisClient,
  buckets: readonly BucketKeys[],
  epoch: string,
): Promise<{ epoch: boolean }> {
  const keys = buckets.flatMap(({ sessions, epoch }) => [sessions, epoch]);
  const end = () => revokeAllScript.call(redis, keys, [epoch, EPOCH_TTL_MS]);
  try {
    await end();
    return { epoch: true };
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  // The deletion of the epoch also stops a sign-in in progress that has read the epoch. No entry that records the epoch
  // is left.
  await redis.unlink(...keys);
  // The deletion may have freed enough memory for a new epoch.
  return { epoch: await done(end()) };
}

/**
 * Ends every session and every refresh token of a tenant. 1 command. The ended entries stay in Redis until a later
 * sign-in or the TTL removes them. If Redis refuses the command, the hashes of all users are found and deleted in
 * steps.
 * @returns the previous epoch; `null` if the hashes were deleted and no new epoch was set.
 * @throws {RedisError} a refusal, if not all hashes could be deleted.
 */
export async function revokeTenant(redis: RedisClient, tenant: string, epoch: string): Promise<string | null> {
  const end = () => revokeTenantScript.call(redis, [tenantEpochKey(tenant)], [epoch, EPOCH_TTL_MS]);
  try {
    return await end();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (!(await removeAllHashes(redis, tenant))) throw error;
  }
  // The epoch of the tenant must not be deleted: sessions that recorded '' would become valid again.
  return end().catch(unlessRefused(null));
}

/** Deletes the hashes of all users of a tenant. Returns `false` if Redis has too many keys to scan. */
async function removeAllHashes(redis: RedisClient, tenant: string): Promise<boolean> {
  const match = tenantSessionsPattern(tenant);
  let cursor = '0';
  for (let step = 0; step < MOST_SCANS; step += 1) {
    const [next, keys] = await redis.scan(cursor, { match, count: SCAN_COUNT });
    if (keys.length > 0) await redis.unlink(...keys);
    cursor = String(next);
    if (cursor === '0') return true;
  }
  return false;
}

/** Returns `true` if Redis ran a command, and `false` if Redis refused the command. */
function done(asked: Promise<unknown>): Promise<boolean> {
  return asked.then(() => true).catch(unlessRefused(false));
}

function unlessRefused<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (isRefusal(error)) return value;
    throw error;
  };
}
