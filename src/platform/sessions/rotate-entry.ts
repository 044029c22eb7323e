/**
 * The script that replaces the sid and the secret of a session in one step. After a sign-in or a change of privilege,
 * the earlier token of the session must not be valid any more (ASVS 7.2.4).
 */
import { isOneOf, type RedisClient, script } from '../redis/index.ts';
import { type BucketKeys, EPOCH_TTL_MS, LUA_EPOCH, tenantEpochKey } from './epochs.ts';
import type { EntryHead } from './record.ts';

/** Exported so that tests can run the script with a line removed. */
export const rotateScript = script<number>(
  'session.rotate',
  `
-- Renames a session. If a new epoch is given, also ends all other entries of the user.
-- KEYS[1] epoch of the tenant  KEYS[2] hash of the session's bucket  KEYS[3] epoch of this bucket
-- KEYS[2i], KEYS[2i+1] hash and epoch of each other bucket of the user
-- ARGV[1] old sid  ARGV[2] new sid  ARGV[3] new record  ARGV[4] now, in ms  ARGV[5] ms until the session expires
-- ARGV[6] tenant's epoch in the old record  ARGV[7] user's epoch in the old record
-- ARGV[8] new epoch of the user, or ''  ARGV[9] TTL of the new epoch in ms
-- Returns 1, or 0 if the session has ended.
-- Keeps: a session that has ended gets no successor; a session has one sid at a time; the session keeps its data.
local tenantEpochKey, hash, userEpochKey, old, new, record = KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2], ARGV[3]
local now, ms, tenantEpoch, userEpoch, newEpoch, epochTtl = ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
${LUA_EPOCH}
if redis.call('HEXISTS', hash, old) == 0 then return 0 end
if epoch(tenantEpochKey) ~= tenantEpoch or epoch(userEpochKey) ~= userEpoch then return 0 end
local data = redis.call('HGET', hash, old .. '=')
if newEpoch == '' then
  redis.call('HDEL', hash, old, old .. '~', old .. '=')
else
  for i = 2, #KEYS, 2 do
    redis.call('DEL', KEYS[i])
    redis.call('SET', KEYS[i + 1], newEpoch, 'PX', epochTtl)
  end
end
redis.call('HSET', hash, new, record, new .. '~', now)
if data then redis.call('HSET', hash, new .. '=', data) end
if redis.call('PTTL', hash) < tonumber(ms) then redis.call('PEXPIRE', hash, ms) end
return 1
`,
  // The script may run in a full Redis: the new record is as large as the old one, and the old token must end.
  { allowOom: true, isReply: isOneOf(0, 1) },
);

/** The changes of a rotation. */
export interface Rotation {
  oldSid: string;
  newSid: string;
  /** The record of the old sid. */
  old: EntryHead;
  /** The record of the new sid. */
  record: EntryHead;
  /** The new record as Redis stores it. */
  text: string;
  now: number;
  /** A new epoch for the user, which ends all other entries of the user; '' keeps the current epoch. */
  newEpoch: string;
}

/** Rotates a session in the first of these buckets. Returns `false` if the session has ended. 1 command. */
export async function rotateEntry(
  redis: RedisClient,
  tenant: string,
  buckets: readonly BucketKeys[],
  { oldSid, newSid, old, record, text, now, newEpoch }: Rotation,
): Promise<boolean> {
  const done = await rotateScript.call(
    redis,
    [tenantEpochKey(tenant), ...buckets.flatMap(({ sessions, epoch }) => [sessions, epoch])],
    [oldSid, newSid, text, now, record.expiresAt - now, old.epochs.tenant, old.epochs.user, newEpoch, EPOCH_TTL_MS],
  );
  return done === 1;
}
