/**
 * The script of a sign-in: it makes an entry only if no revocation changed the epochs since they were read, only within
 * the cap, and also removes entries that have ended.
 */
import { isEither, isListFrom, isOneOf, isText, isTuple, type RedisClient, script } from '../redis/index.ts';
import { type BucketKeys, EPOCH_TTL_MS, type Epochs, LUA_EPOCH, tenantEpochKey } from './epochs.ts';
import type { Limits } from './policy.ts';
import { type EntryRecord, FAMILY, LUA_RECORD, writeRecord } from './record.ts';

/** Exported for tests that break it. */
export const createScript = script<['created', ...string[]] | ['gone'] | ['cap']>(
  'session.create',
  `
-- Makes an entry.
-- KEYS[1] tenant's epoch  then of each of the user's buckets, the current one first: KEYS[2i] hash, KEYS[2i+1] epoch
-- ARGV[1] now  ARGV[2] name  ARGV[3] record  ARGV[4] seen  ARGV[5] data, or ''  ARGV[6] ms until it expires
-- ARGV[7] 'session' or 'family'  ARGV[8] cap  ARGV[9] what happens at it  ARGV[10] TTL of epochs
-- ARGV[11] id of the entry this one replaces, or ''  ARGV[12] tenant's epoch as read  ARGV[13...] the buckets' epochs
-- Returns {'created', ids of those it ended...}, {'gone'} or {'cap'}.
-- Keeps: epochs as read; no more entries of a kind than the cap; the hash and the epochs live as long as the entry.
${LUA_EPOCH}
if epoch(KEYS[1]) ~= ARGV[12] then return {'gone'} end
for i = 3, #KEYS, 2 do
  if epoch(KEYS[i]) ~= ARGV[12 + (i - 1) / 2] then return {'gone'} end
end
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then return {'created'} end

local now = tonumber(ARGV[1])
local function remove(hash, name) redis.call('HDEL', hash, name, name .. '~', name .. '=') end
local function kind(name) if string.sub(name, 1, 2) == '${FAMILY}' then return 'family' end return 'session' end
local live = {}
for i = 2, #KEYS, 2 do
  local flat = redis.call('HGETALL', KEYS[i])
  local fields = {}
  for j = 1, #flat, 2 do fields[flat[j]] = flat[j + 1] end
  for name, record in pairs(fields) do
    local last = string.sub(name, -1)
    if last ~= '~' and last ~= '=' then
      local created, idle, expires, tenant, user, id = string.match(record, ${LUA_RECORD})
      local seen = tonumber(string.match(fields[name .. '~'] or '', '^%d+') or created)
      if not id or id == ARGV[11] or tenant ~= ARGV[12] or user ~= ARGV[12 + i / 2]
        or tonumber(expires) <= now or seen + tonumber(idle) <= now then
        remove(KEYS[i], name)
      elseif kind(name) == ARGV[7] then
        live[#live + 1] = {hash = KEYS[i], name = name, id = id, created = tonumber(created), seen = seen}
      end
    end
  end
end

local result = {'created'}
local surplus = #live + 1 - tonumber(ARGV[8])
if surplus > 0 then
  if ARGV[9] == 'reject' then return {'cap'} end
  local by = ARGV[9] == 'evict-oldest' and 'created' or 'seen'
  table.sort(live, function(a, b) if a[by] ~= b[by] then return a[by] < b[by] end return a.name < b.name end)
  for i = 1, surplus do
    remove(live[i].hash, live[i].name)
    result[i + 1] = live[i].id
  end
end

redis.call('HSET', KEYS[2], ARGV[2], ARGV[3], ARGV[2] .. '~', ARGV[4])
if ARGV[5] ~= '' then redis.call('HSET', KEYS[2], ARGV[2] .. '=', ARGV[5]) end
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[6]) then redis.call('PEXPIRE', KEYS[2], ARGV[6]) end
redis.call('PEXPIRE', KEYS[1], ARGV[10])
redis.call('PEXPIRE', KEYS[3], ARGV[10])
return result
`,
  { isReply: isEither(isListFrom([isOneOf('created')], isText), isTuple(isOneOf('gone', 'cap'))) },
);

/** An entry to make. */
export interface NewEntry {
  kind: 'session' | 'family';
  name: string;
  record: EntryRecord;
  /** The `~` field. */
  seen: string;
  /** The `=` field, or ''. */
  data: string;
  /** The id of an entry of the same user that ends with this, or ''. */
  replaces: string;
}

/** `gone`: the epochs have changed since they were read. `cap`: the cap is reached, and no entry may be evicted. */
export type EntryCreated = { kind: 'created'; evicted: string[] } | { kind: 'gone' } | { kind: 'cap' };

/** Makes an entry in the first of the user's buckets. 1 command, whose work grows with the user's entries. */
export async function createEntry(
  redis: RedisClient,
  tenant: string,
  buckets: readonly BucketKeys[],
  { kind, name, record, seen, data, replaces }: NewEntry,
  { epochs, limits, now }: { epochs: Epochs; limits: Limits; now: number },
): Promise<EntryCreated> {
  // Epochs read by a deployment with other buckets do not apply to these.
  if (epochs.user.length !== buckets.length) return { kind: 'gone' };
  const [outcome, ...evicted] = await createScript.run(
    redis,
    [tenantEpochKey(tenant), ...buckets.flatMap(({ sessions, epoch }) => [sessions, epoch])],
    [
      now,
      name,
      writeRecord(record),
      seen,
      data,
      record.expiresAt - now,
      kind,
      limits.cap,
      limits.onCap,
      EPOCH_TTL_MS,
      replaces,
      epochs.tenant,
      ...epochs.user,
    ],
  );
  return outcome === 'created' ? { kind: 'created', evicted } : { kind: outcome };
}
