/**
 * The lookup of a session for an audited read: one script proves the credentials and appends the read to the log of the
 * tenant. So the read is logged in the request that looks the session up, and a stranger logs nothing.
 */
import { LUA_APPEND, type PendingRead, readLogKey, readLogsKey, writeRead } from '../read-log/index.ts';
import { isText, isTuple, type RedisClient, type RedisKey, type Sealer, script } from '../redis/index.ts';
import { type BucketKeys, LUA_EPOCH, type RecordedEpochs, readEpochsOf, tenantEpochKey } from './epochs.ts';
import { limitsOf, policies } from './policy.ts';
import { LUA_RECORD, readRecord } from './record.ts';
import { createRecords } from './records.ts';

/** Exported so that tests can run the script with a line removed. */
export const lookUpLoggedScript = script<
  [record: string, seen: string, data: string, tenantEpoch: string, userEpoch: string, logged: string]
>(
  'session.look-up-logged',
  `
-- Looks an entry up, and logs a read of its bearer.
-- KEYS[1] hash of the user  KEYS[2] epoch of the tenant  KEYS[3] epoch of the user
-- KEYS[4] log of the tenant  KEYS[5] tenants with logs
-- ARGV[1] name of the entry  ARGV[2] digest of the presented secret; '' for a family whose token is verified
-- ARGV[3] now, in ms since the epoch  ARGV[4] tenant  ARGV[5] number of entries from which on the log takes none
-- ARGV[6] the read
-- Returns the three fields of the entry, the two epochs, and the id in the log, 'full', or '' for nothing logged.
-- Keeps: only the bearer of a live entry logs.
local hash, tenantEpochKey, userEpochKey, log, logs = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local name, digest, now, tenant, most, text = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6]
${LUA_EPOCH}
${LUA_APPEND}
local function field(suffix) return redis.call('HGET', hash, name .. suffix) or '' end
local record, seen, data = field(''), field('~'), field('=')
local reply = {record, seen, data, epoch(tenantEpochKey), epoch(userEpochKey), ''}
local created, idle, expires, ofTenant, ofUser = string.match(record, ${LUA_RECORD})
if not created or string.match(record, '"digest":"([^"]*)"}$') ~= digest then return reply end
if ofTenant ~= reply[4] or ofUser ~= reply[5] then return reply end
local last = tonumber(string.match(seen, '^%d+') or created)
if tonumber(expires) <= now or last + tonumber(idle) <= now then return reply end
reply[6] = append(log, logs, tenant, most, 'read', text, 'hash', hash, 'name', name, 'record', record)
return reply
`,
  { isReply: isTuple(isText, isText, isText, isText, isText, isText) },
);

/** The fields of an entry, as HMGET returns them, and its epochs. */
export type LookedUp = readonly [fields: (string | null)[], epochs: RecordedEpochs];

/**
 * Looks a token family up without a log. 2 commands.
 * @throws {RedisError}
 */
export async function lookUpFamily(
  redis: RedisClient,
  tenant: string,
  place: BucketKeys,
  name: string,
): Promise<LookedUp> {
  const [fields, epochs] = await Promise.all([
    redis.exec<(string | null)[]>(['HMGET', place.sessions, name, `${name}~`]),
    readEpochsOf(redis, tenant, [place]),
  ]);
  return [fields, { tenant: epochs.tenant, user: epochs.user[0] ?? '' }];
}

/**
 * Looks an entry up, and logs the read if the digest proves it. 1 command, which is never repeated.
 * @throws {RedisError}
 */
export async function lookUpLogged(
  redis: RedisClient,
  place: BucketKeys,
  { name, digest, now }: { name: string; digest: string; now: number },
  pending: PendingRead,
): Promise<LookedUp> {
  const { tenant, most, read } = pending;
  const keys = [place.sessions, tenantEpochKey(tenant), place.epoch, readLogKey(tenant), readLogsKey()];
  const reply = await lookUpLoggedScript.call(redis, keys, [name, digest, now, tenant, most, writeRead(read)]);
  const [record, seen, data, tenantEpoch, userEpoch, logged] = reply;
  pending.result = logged;
  const fields = [record, seen, data].map((field) => (field === '' ? null : field));
  return [fields, { tenant: tenantEpoch, user: userEpoch }];
}

/** Returns the user of an entry whose record the log has; `null` if the record cannot be opened. */
export async function userOfLogged(
  sealer: Sealer | null,
  { hash, name, record }: { hash: string; name: string; record: string },
): Promise<string | null> {
  const stored = readRecord(record);
  if (!stored) return null;
  if (!('sealed' in stored)) return stored.identity.userId;
  const records = createRecords(sealer, () => limitsOf(policies.aal3));
  // The cast is safe: the script has copied a key.
  const opened = await records.open(stored, { hash: hash as RedisKey, name });
  return opened?.identity.userId ?? null;
}
