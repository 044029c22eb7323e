/**
 * The audited read of a caller with an API key. The credential of a key is its cached record, so one script compares
 * the presented secret with that record and appends the read to the log of the tenant. If the cache has no current
 * record, nothing is logged yet: the gate loads the record, verifies the key, and then logs the read with 1 request
 * more.
 */
import { ERA, LUA_CURRENT_ENTRY } from '../cache/index.ts';
import { LUA_APPEND, type PendingRead, type ReadActor, readLogKey, readLogsKey, writeRead } from '../read-log/index.ts';
import { isText, type RedisClient, script } from '../redis/index.ts';
import type { ApiKeyRecords } from './api-key.ts';

/** Exported so that tests can run the script with a line removed. */
export const logKeyReadScript = script<string>(
  'api-key.log-read',
  `
-- Logs a read of the bearer of an API key.
-- KEYS[1] cached record of the key  KEYS[2] log of the tenant  KEYS[3] tenants with logs
-- KEYS[4] era of the cache  KEYS[5..] versions of the record
-- ARGV[1] SHA-256 of the presented secret  ARGV[2] now, in ms since the epoch  ARGV[3] tenant
-- ARGV[4] number of entries from which on the log takes none  ARGV[5] the read
-- Returns the id in the log, 'full', or '' for nothing logged.
-- Keeps: only the bearer of a valid key logs.
local entry, log, logs, era = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local hash, now, tenant, most, text = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
${LUA_APPEND}
${LUA_CURRENT_ENTRY}
local stored = current_entry(entry, era, 5, #KEYS)
local record = stored and cjson.decode(stored)
if not record or record == cjson.null or record.secretHash ~= hash or record.revokedAt ~= cjson.null then return '' end
if record.expiresAt ~= cjson.null and record.expiresAt <= now then return '' end
return append(log, logs, tenant, most, 'read', text)
`,
  { isReply: isText },
);

/** The services that log a read. */
export interface KeyReadScope {
  readonly redis: RedisClient;
  readonly system: { now(): number };
  readonly apiKeyRecords: ApiKeyRecords;
}

/**
 * Logs a read if the cache has the record of the key and the digest is right. 1 command, which is never repeated.
 * @param secretHash SHA-256 of the presented secret, in hexadecimal digits.
 * @throws {RedisError}
 */
export async function logKeyRead(
  { redis, system, apiKeyRecords }: KeyReadScope,
  { keyId, secretHash }: { keyId: string; secretHash: string },
  pending: PendingRead,
): Promise<void> {
  const { tenant, most } = pending;
  const actor: ReadActor = { type: 'machine', id: keyId };
  const text = writeRead({ ...pending.read, actor });
  const { entry, versions } = apiKeyRecords.keysOf(tenant, { keyId });
  const keys = [entry, readLogKey(tenant), readLogsKey(), ERA, ...versions];
  pending.result = await logKeyReadScript.call(redis, keys, [secretHash, system.now(), tenant, most, text]);
  if (pending.result !== '') pending.actor = actor;
}
