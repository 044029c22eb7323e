/**
 * The script that replaces a session's sid and secret in one step. After a sign-in or a change of privilege, the
 * session's earlier token is not valid any more (ASVS 7.2.4).
 */
import { isOneOf, type RedisClient, script } from '../redis/index.ts';
import { type BucketKeys, EPOCH_TTL_MS, LUA_EPOCH, tenantEpochKey } from './epochs.ts';
import { type EntryRecord, writeRecord } from './record.ts';

/** Exported so that tests can run the script with a line removed. */
export const rotateScript = script<number>(
  'session.rotate',
  `
-- Renames a session; with a new epoch, ends all other entries of the user.
-- KEYS[1] tenant's epoch  KEYS[2] the session's hash  KEYS[3] its epoch  then of each other bucket: hash, epoch
-- ARGV[1] old sid  ARGV[2] new sid  ARGV[3] new record  ARGV[4] now  ARGV[5] ms until it expires
-- ARGV[6] tenant's epoch  ARGV[7] user's epoch, both as the old record has them  ARGV[8] new epoch, or ''  ARGV[9] its TTL
-- Returns 1, or 0 if the session is gone.
-- Keeps: a session that has ended gets no successor; one sid at a time; the data goes with it.
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
  old: EntryRecord;
  /** The record of the new sid. */
  record: EntryRecord;
  now: number;
  /** A new epoch for the user, which ends all other entries of the user; '' keeps the current epoch. */
  newEpoch: string;
}

/** Rotates a session in the first of these buckets. Returns `false` if the session is gone. 1 command. */
export async function rotateEntry(
  redis: RedisClient,
  tenant: string,
  buckets: readonly BucketKeys[],
  { oldSid, newSid, old, record, now, newEpoch }: Rotation,
): Promise<boolean> {
  const done = await rotateScript.call(
    redis,
    [tenantEpochKey(tenant), ...buckets.flatMap(({ sessions, epoch }) => [sessions, epoch])],
    [
      oldSid,
      newSid,
      writeRecord(record),
      now,
      record.expiresAt - now,
      old.epochs.tenant,
      old.epochs.user,
      newEpoch,
      EPOCH_TTL_MS,
    ],
  );
  return done === 1;
}
