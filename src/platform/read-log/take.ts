/** Reads the entries of logs, and removes those that the database has. */
import { isOneOf, type RedisClient, script } from '../redis/index.ts';
import { readLogKey, readLogsKey } from './append.ts';

/** An entry of a log. */
export interface LogEntry {
  /** The id of the entry in the stream. */
  readonly streamId: string;
  /** The read; see `logged-read.ts`. */
  readonly text: string;
  /** The record of the session or the token family that made the read, and its place; see `sessions/record.ts`. */
  readonly session: { readonly hash: string; readonly name: string; readonly record: string } | null;
}

/** Exported so that tests can run the script with a line removed. */
export const removeScript = script<'OK'>(
  'read-log.remove',
  `
-- Removes entries from a log. A tenant whose log is empty leaves the set of logs.
-- KEYS[1] log of the tenant  KEYS[2] tenants with logs  ARGV[1] tenant  ARGV[2..] ids of the entries
-- Returns OK.
-- Keeps: a log with entries is in the set of logs.
local log, logs, tenant = KEYS[1], KEYS[2], ARGV[1]
for i = 2, #ARGV do
  local streamId = ARGV[i]
  redis.call('XDEL', log, streamId)
end
if redis.call('XLEN', log) == 0 then
  redis.call('DEL', log)
  redis.call('SREM', logs, tenant)
end
return 'OK'
`,
  // The script may run in a full Redis: it only frees memory.
  { allowOom: true, isReply: isOneOf('OK') },
);

/** Reads the tenants whose logs may have entries, in ascending order. 1 command. */
export async function loggedTenants(redis: RedisClient): Promise<string[]> {
  return (await redis.smembers(readLogsKey())).sort();
}

/** Returns the numbers of entries of logs, in the order of the tenants. 1 command for each tenant. */
export function logLengths(redis: RedisClient, tenants: readonly string[]): Promise<number[]> {
  return Promise.all(tenants.map((tenant) => redis.xlen(readLogKey(tenant))));
}

/** Reads the oldest entries of a log. 1 command. */
export async function oldestReads(redis: RedisClient, tenant: string, limit: number): Promise<LogEntry[]> {
  const log = readLogKey(tenant);
  const entries = await redis.exec<[id: string, fields: string[]][]>(['XRANGE', log, '-', '+', 'COUNT', limit]);
  return entries.map(([streamId, fields]) => {
    const of = (name: string): string | undefined => {
      const at = fields.findIndex((field, index) => index % 2 === 0 && field === name);
      return at < 0 ? undefined : fields[at + 1];
    };
    const [hash, name, record] = [of('hash'), of('name'), of('record')];
    const session = hash === undefined || name === undefined || record === undefined ? null : { hash, name, record };
    return { streamId, text: of('read') ?? '', session };
  });
}

/** Removes entries from a log. 1 command. */
export async function removeReads(redis: RedisClient, tenant: string, streamIds: readonly string[]): Promise<void> {
  await removeScript.call(redis, [readLogKey(tenant), readLogsKey()], [tenant, ...streamIds]);
}
