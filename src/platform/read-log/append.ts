/**
 * The log of a tenant's audited reads: a stream in Redis, which a schedule moves into the audit trail each minute. Reads
 * are appended by scripts that prove the caller's credentials, so a stranger cannot fill the log. No entry is ever
 * dropped: a log that has reached its bound takes no more entries.
 */
import { isText, key, NO_TENANT, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { type LoggedRead, type ReadActor, writeRead } from './logged-read.ts';

/** An audited read that is appended while its credentials are looked up. */
export interface PendingRead {
  readonly tenant: string;
  readonly read: LoggedRead;
  /** The log takes the entry only if it has fewer entries than this. */
  readonly most: number;
  /** The id of the entry in the stream; `full`; or '' if the script could not prove the credentials. */
  result: string;
  /** The caller, if the script has proved an API key. */
  actor?: ReadActor;
  /** Resolves when `result` is final. */
  settled?: Promise<unknown>;
}

/** The reply of {@link LUA_APPEND} for a log that takes no more entries. */
export const FULL = 'full';

/** The key of a tenant's log. */
export function readLogKey(tenant: string): RedisKey {
  return key(tenant, 'readLog');
}

/** The key of the set of tenants whose logs may have entries. */
export function readLogsKey(): RedisKey {
  return key(NO_TENANT, 'readLogs');
}

/** A Lua function that appends an entry. It returns the id of the entry, or `full`. */
export const LUA_APPEND = `
local function append(log, logs, tenant, most, ...)
  if redis.call('XLEN', log) >= tonumber(most) then return '${FULL}' end
  redis.call('SADD', logs, tenant)
  return redis.call('XADD', log, '*', ...)
end`;

/** Exported so that tests can run the script with a line removed. */
export const appendScript = script<string>(
  'read-log.append',
  `
-- Appends a read of a verified caller.
-- KEYS[1] log of the tenant  KEYS[2] tenants with logs
-- ARGV[1] tenant  ARGV[2] number of entries from which on the log takes none  ARGV[3] the read
-- ARGV[4] id of the entry that this one replaces; '' for none
-- Returns the id of the entry, or 'full'.
-- Keeps: a log with entries is in the set of logs; no entry is dropped without the entry that replaces it.
local log, logs, tenant, most, text, replaced = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
${LUA_APPEND}
-- An entry that the drain has taken stays. The place of one that it has not taken is free for the new one.
if replaced ~= '' and redis.call('XDEL', log, replaced) == 1 then most = redis.call('XLEN', log) + 1 end
return append(log, logs, tenant, most, 'read', text)
`,
  { isReply: isText },
);

/**
 * Appends a read of a verified caller, in place of the entry with the id `replaced` if the log still has that entry.
 * Returns the id of the entry, or `full`. 1 command, which is never repeated.
 * @throws {RedisError}
 */
export function appendRead(
  redis: RedisClient,
  { tenant, read, most }: Pick<PendingRead, 'tenant' | 'read' | 'most'>,
  replaced = '',
): Promise<string> {
  return appendScript.call(redis, [readLogKey(tenant), readLogsKey()], [tenant, most, writeRead(read), replaced]);
}
