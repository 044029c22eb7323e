/**
 * Revocations: of one entry, of all entries of a user, of all entries of a tenant. Each is one command, a
 * script that a full Redis runs too (`allow-oom`), because a revocation must work when nothing else can be written.
 *
 * Where Redis refuses the script all the same, a revocation falls back to plain deletion: `HDEL` and `UNLINK` need no
 * memory and are other permissions. An epoch cannot be set then. That is sound for a user, whose entries are deleted
 * themselves, and whose sign-ins under way are guarded by the account's row. Entries that Redis refuses to delete stay:
 * the caller gets the refusal as an error.
 */
import { isInteger, isOneOf, isRefusal, isText, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { type BucketKeys, EPOCH_TTL_MS, LUA_EPOCH, tenantEpochKey, tenantSessionsPattern } from './epochs.ts';
import { LUA_RECORD, readRecord } from './record.ts';

const revokeScript = script<number>(
  'session.revoke',
  `
-- Ends the entry of that id, under its current name.
-- KEYS hashes of the user's buckets  ARGV[1] id
-- Returns how many it ended: 1, or 0 if the entry does not exist.
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
-- KEYS of each bucket: hash, epoch  ARGV[1] new epoch  ARGV[2] its TTL in ms
-- Returns OK.
-- Keeps: nothing made with an epoch read before this counts after it.
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
-- KEYS[1] tenant's epoch  ARGV[1] new epoch  ARGV[2] its TTL in ms
-- Returns the epoch before.
-- Keeps: nothing made with an epoch read before this counts after it.
local tenantEpoch, newEpoch, ttl = KEYS[1], ARGV[1], ARGV[2]
${LUA_EPOCH}
local before = epoch(tenantEpoch)
redis.call('SET', tenantEpoch, newEpoch, 'PX', ttl)
return before
`,
  { allowOom: true, isReply: isText },
);

/** The most attempts to find and delete an entry; a concurrent rotation may rename the entry in between. */
const ROUNDS = 3;
/** The keys per step of a scan, and the most steps: together 2,000,000 keys. */
const SCAN_COUNT = 5_000;
const MOST_SCANS = 400;

/**
 * Ends the entry with the id; `false` if there is no entry. 1 command, whose work grows with the user's entries. If
 * Redis refuses the script: 2 requests to find and delete the entry, and 1 to check that the entry is deleted.
 * @throws {RedisError} the refusal, if the entry could not be deleted either.
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

/** The names under which a hash contains the entry with the id. A rotation changes the name. */
async function namesOf(redis: RedisClient, hash: RedisKey, id: string): Promise<string[]> {
  const flat = (await redis.exec<string[] | null>(['HGETALL', hash])) ?? [];
  return flat.filter((name, at) => at % 2 === 0 && !/[~=]$/.test(name) && readRecord(flat[at + 1])?.id === id);
}

async function removeFields(redis: RedisClient, hash: RedisKey, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  await redis.exec(['HDEL', hash, ...names.flatMap((name) => [name, `${name}~`, `${name}=`])]);
}

/**
 * Ends every session and every refresh token of a user. 1 command; if Redis refuses it, 2 more. `epoch: false` means
 * that the sessions were deleted, but no new epoch was set.
 * @throws {RedisError} the refusal, if the sessions could not be deleted either.
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
  // Deleting the epoch invalidates the one that a sign-in under way has read. No entry of an earlier epoch is left.
  await redis.unlink(...keys);
  // The deletion may have freed enough memory for a new epoch.
  return { epoch: await done(end()) };
}

/**
 * Ends every session and every refresh token of a tenant. 1 command; what it ends is swept as time goes by. If Redis
 * refuses it, the hashes of all users are looked for and deleted, in steps.
 * @returns the epoch before; `null` if they were deleted and no new epoch was set.
 * @throws {RedisError} a refusal: not all could be deleted.
 */
export async function revokeTenant(redis: RedisClient, tenant: string, epoch: string): Promise<string | null> {
  const end = () => revokeTenantScript.call(redis, [tenantEpochKey(tenant)], [epoch, EPOCH_TTL_MS]);
  try {
    return await end();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (!(await removeAllHashes(redis, tenant))) throw error;
  }
  // The tenant's epoch itself must not be deleted: sessions from before it, whose epoch was '', would count again.
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

/** Whether Redis ran a command; `false` if Redis refused it. */
function done(asked: Promise<unknown>): Promise<boolean> {
  return asked.then(() => true).catch(unlessRefused(false));
}

function unlessRefused<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (isRefusal(error)) return value;
    throw error;
  };
}
