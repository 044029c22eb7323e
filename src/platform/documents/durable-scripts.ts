/**
 * The scripts of the copies of durable documents in Redis. A copy is a hash: the fields of the document, the field `v`
 * with the version of the row, and the field `t` with the version of the tag that was read before the row was loaded.
 * The copy is served only while the tag has this version, as with every entry of the cache.
 */
import { READ_VALUE } from '../cache/index.ts';
import { isEither, isOneOf, isText, isTuple, script } from '../redis/index.ts';
import { isFieldsAfter } from './fields.ts';

/** `current` and the fields of the copy, or `load` and the version of the tag. */
type Read = ['current', ...string[]] | ['load', string];

export const readCopyScript = script<Read>(
  'documents.read-copy',
  `
-- Reads the copy of a document, if no write has changed the document since.
-- KEYS[1] copy  KEYS[2] version of the tag
-- ARGV[1] a new unique version, for a tag without one  ARGV[2] version TTL in ms
-- Returns 'current' and the fields of the copy, or 'load' and the version of the tag, with markers.
-- Keeps: a copy of an older version of the tag, and one with a marked tag, is never returned.
local copy, tag, newVersion, ttl = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local version = redis.call('GET', tag)
if not version then
  redis.call('SET', tag, newVersion, 'PX', ttl)
  return {'load', newVersion}
end
if redis.call('HGET', copy, 't') ~= version then return {'load', version} end
local reply = {'current'}
for _, part in ipairs(redis.call('HGETALL', copy)) do reply[#reply + 1] = part end
return reply
`,
  {
    isReply: isEither(isTuple<['load', string]>(isOneOf('load'), isText), isFieldsAfter('current')),
  },
);

export const fillCopyScript = script<number>(
  'documents.fill-copy',
  `
-- Stores the copy of a document that was loaded, unless a write has marked or changed the document meanwhile.
-- KEYS[1] copy  KEYS[2] version of the tag
-- ARGV[1] the version of the tag before the load  ARGV[2] TTL of the copy in ms  ARGV[3..] fields and their texts
-- Returns 1 if the copy was stored, 0 if not.
local copy, tag, version, ttl = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
if redis.call('GET', tag) ~= version then return 0 end
redis.call('DEL', copy)
redis.call('HSET', copy, 't', version)
for i = 3, #ARGV, 2 do
  local field, text = ARGV[i], ARGV[i + 1]
  redis.call('HSET', copy, field, text)
end
redis.call('PEXPIRE', copy, ttl)
return 1
`,
  { isReply: isOneOf(0, 1) },
);

export const settleCopyScript = script<number>(
  'documents.settle-copy',
  `
-- Settles the tag of a written document as 'versions.settle' does, and applies the write to the copy. A copy that lacks
-- another write is removed.
-- KEYS[1] copy  KEYS[2] version of the tag
-- ARGV[1] id of the writer  ARGV[2] a new unique version  ARGV[3] version TTL in ms
-- ARGV[4] the version of the tag as 'versions.mark' returned it, or ''  ARGV[5] TTL of the copy in ms
-- ARGV[6], ARGV[7] the versions of the row before and after the write  ARGV[8] number of removed fields
-- ARGV[9..] the removed fields, then written fields and their texts
-- Returns 1 if the copy has the write, 0 if there is no copy now.
-- Keeps: the write is applied only to a copy of the state before it. The tag then still has the version that
-- 'versions.mark' returned and no marker but that of this writer, and the copy has this version and that of the row.
local copy, tag, writer, newVersion, versionTtl, marked = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local ttl, before, after_, removed = ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8])
${READ_VALUE}
local value = redis.call('GET', tag) or ''
local markers, last, died = others(value, writer)
local own = string.find(value, '!' .. writer .. '@', 1, true) ~= nil
local alone = #markers == 0 and not died and own and string.match(value, '^[^!]*') == marked
local current = alone and redis.call('HGET', copy, 't') == marked and redis.call('HGET', copy, 'v') == before
store(tag, alone and newVersion or after(value, newVersion), markers, last, versionTtl)
if not current then
  redis.call('DEL', copy)
  return 0
end
for i = 9, 8 + removed do
  local field = ARGV[i]
  redis.call('HDEL', copy, field)
end
for i = 9 + removed, #ARGV, 2 do
  local field, text = ARGV[i], ARGV[i + 1]
  redis.call('HSET', copy, field, text)
end
redis.call('HSET', copy, 't', newVersion, 'v', after_)
redis.call('PEXPIRE', copy, ttl)
return 1
`,
  { isReply: isOneOf(0, 1) },
);
