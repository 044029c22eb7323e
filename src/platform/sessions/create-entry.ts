/**
 * The script of a sign-in. The script creates an entry only if no revocation has changed the epochs since the sign-in
 * read them, and only within the cap. The script also removes entries that have ended.
 */
import { isEither, isListFrom, isOneOf, isText, isTuple, type RedisClient, script } from '../redis/index.ts';
import { type BucketKeys, EPOCH_TTL_MS, type Epochs, LUA_EPOCH, tenantEpochKey } from './epochs.ts';
import type { Limits } from './policy.ts';
import { type EntryHead, FAMILY, LUA_RECORD } from './record.ts';

/** Exported so that tests can run the script with a line removed. */
export const createScript = script<['created', ...string[]] | ['gone'] | ['cap']>(
  'session.create',
  `
-- Creates an entry.
-- KEYS[1] epoch of the tenant
-- KEYS[2i], KEYS[2i+1] hash and epoch of each of the user's buckets, the current bucket first
-- ARGV[1] now, in ms since the epoch  ARGV[2] name of the entry  ARGV[3] record  ARGV[4] content of the '~' field
-- ARGV[5] data, or ''  ARGV[6] ms until the entry expires  ARGV[7] 'session' or 'family'
-- ARGV[8] cap: the maximum number of entries of this kind  ARGV[9] effect of a sign-in beyond the cap  ARGV[10] TTL of
-- epochs in ms
-- ARGV[11] id of the entry that the new entry replaces, or ''
-- ARGV[12] epoch of the tenant when the sign-in began  ARGV[13...] epochs of the buckets when the sign-in began
-- Returns {'created', ids of the entries that were ended...}, {'gone'} or {'cap'}.
-- Keeps: an entry is created only if the epochs have not changed; a user has no more entries of a kind than the cap;
-- the hash and the epochs live as long as the entry.
local tenantEpochKey, current, epochKey, at, sid, newRecord = KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2], ARGV[3]
local seenAt, data, ms, newKind, cap, atCap, epochTtl = ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local replaced, tenantEpoch = ARGV[11], ARGV[12]
${LUA_EPOCH}
if epoch(tenantEpochKey) ~= tenantEpoch then return {'gone'} end
for i = 3, #KEYS, 2 do
  local asRead = ARGV[12 + (i - 1) / 2]
  if epoch(KEYS[i]) ~= asRead then return {'gone'} end
end
if redis.call('HEXISTS', current, sid) == 1 then return {'created'} end

local now = tonumber(at)
local function remove(hash, name) redis.call('HDEL', hash, name, name .. '~', name .. '=') end
local function kind(name) if string.sub(name, 1, 2) == '${FAMILY}' then return 'family' end return 'session' end
local live = {}
for i = 2, #KEYS, 2 do
  local hash, userEpoch = KEYS[i], ARGV[12 + i / 2]
  local flat = redis.call('HGETALL', hash)
  local fields = {}
  for j = 1, #flat, 2 do fields[flat[j]] = flat[j + 1] end
  for name, record in pairs(fields) do
    local last = string.sub(name, -1)
    if last ~= '~' and last ~= '=' then
      local created, idle, expires, tenant, user, id = string.match(record, ${LUA_RECORD})
      local seen = tonumber(string.match(fields[name .. '~'] or '', '^%d+') or created)
      if not id or id == replaced or tenant ~= tenantEpoch or user ~= userEpoch
        or tonumber(expires) <= now or seen + tonumber(idle) <= now then
        remove(hash, name)
      elseif kind(name) == newKind then
        live[#live + 1] = {hash = hash, name = name, id = id, created = tonumber(created), seen = seen}
      end
    end
  end
end

local result = {'created'}
local surplus = #live + 1 - tonumber(cap)
if surplus > 0 then
  if atCap == 'reject' then return {'cap'} end
  local by = atCap == 'evict-oldest' and 'created' or 'seen'
  table.sort(live, function(a, b) if a[by] ~= b[by] then return a[by] < b[by] end return a.name < b.name end)
  for i = 1, surplus do
    remove(live[i].hash, live[i].name)
    result[i + 1] = live[i].id
  end
end

redis.call('HSET', current, sid, newRecord, sid .. '~', seenAt)
if data ~= '' then redis.call('HSET', current, sid .. '=', data) end
if redis.call('PTTL', current) < tonumber(ms) then redis.call('PEXPIRE', current, ms) end
redis.call('PEXPIRE', tenantEpochKey, epochTtl)
redis.call('PEXPIRE', epochKey, epochTtl)
return result
`,
  { isReply: isEither(isListFrom([isOneOf('created')], isText), isTuple(isOneOf('gone', 'cap'))) },
);

/** An entry to make. */
export interface NewEntry {
  kind: 'session' | 'family';
  name: string;
  record: EntryHead;
  /** The record as Redis stores it. */
  text: string;
  /** The content of the `~` field; see `record.ts`. */
  seen: string;
  /** The content of the `=` field, or ''. */
  data: string;
  /** The id of the user's entry that the new entry replaces, or ''. The replaced entry ends. */
  replaces: string;
}

/** `gone`: the epochs have changed since the sign-in began. `cap`: the cap is reached, and `onCap` rejects. */
export type EntryCreated = { kind: 'created'; evicted: string[] } | { kind: 'gone' } | { kind: 'cap' };

/** Creates an entry in the first of the user's buckets. 1 command; its work grows with the number of entries. */
export async function createEntry(
  redis: RedisClient,
  tenant: string,
  buckets: readonly BucketKeys[],
  { kind, name, record, text, seen, data, replaces }: NewEntry,
  { epochs, limits, now }: { epochs: Epochs; limits: Limits; now: number },
): Promise<EntryCreated> {
  // A different number of epochs means that a deployment with other keys has read the epochs. Such epochs cannot be
  // compared.
  if (epochs.user.length !== buckets.length) return { kind: 'gone' };
  const [outcome, ...evicted] = await createScript.call(
    redis,
    [tenantEpochKey(tenant), ...buckets.flatMap(({ sessions, epoch }) => [sessions, epoch])],
    [
      now,
      name,
      text,
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
