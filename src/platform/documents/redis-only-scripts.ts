/**
 * The scripts of documents that Redis alone has. A document is a hash: its fields, and the field `v` with a version that
 * is new after each patch. A sorted set has the names of an owner's documents and the times at which they end.
 */
import { isEither, isOneOf, isTuple, script } from '../redis/index.ts';
import { isFieldsAfter } from './fields.ts';

/** `written` and the fields of the document; `conflict`; or `full` and the limit. */
type Patched = ['written', ...string[]] | ['conflict'] | ['full', 'bytes' | 'fields' | 'documents'];

export const patchScript = script<Patched>(
  'documents.patch',
  `
-- Applies a merge patch to a document, which is made if it does not exist.
-- KEYS[1] document  KEYS[2] names of the owner's documents
-- ARGV[1] a new unique version  ARGV[2] the version that the document must have, '' for any, '-' for no document
-- ARGV[3] TTL in ms  ARGV[4] name of the document  ARGV[5] most documents  ARGV[6] most fields  ARGV[7] most bytes
-- ARGV[8..] steps of three: 'object', 'set' or 'remove', pointer, text
-- Returns 'written' and the fields; 'conflict' if the document has another version; 'full' and the limit.
-- Keeps: a document that would be larger than its limits is not changed.
local document, names, newVersion, expected, ttl, name = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local mostDocuments, mostFields, mostBytes = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local version = redis.call('HGET', document, 'v')
if expected ~= '' and expected ~= (version or '-') then return {'conflict'} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', names, '-inf', string.format('%.0f', now))
if not version and redis.call('ZCARD', names) >= mostDocuments then return {'full', 'documents'} end
local fields, stored = {}, redis.call('HGETALL', document)
for i = 1, #stored, 2 do
  if stored[i] ~= 'v' then fields[stored[i]] = stored[i + 1] end
end
for i = 8, #ARGV, 3 do
  local kind, pointer, text = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if kind ~= 'object' then
    local below = pointer .. '/'
    for field in pairs(fields) do
      if field == pointer or string.sub(field, 1, #below) == below then fields[field] = nil end
    end
  end
  if kind ~= 'remove' then fields[pointer] = text end
end
local count, bytes, reply = 0, 0, {'written'}
for field, text in pairs(fields) do
  count, bytes = count + 1, bytes + #field + #text
  reply[#reply + 1] = field
  reply[#reply + 1] = text
end
if count > mostFields then return {'full', 'fields'} end
if bytes > mostBytes then return {'full', 'bytes'} end
for i = 1, #stored, 2 do
  if stored[i] ~= 'v' and not fields[stored[i]] then redis.call('HDEL', document, stored[i]) end
end
redis.call('HSET', document, 'v', newVersion)
for field, text in pairs(fields) do redis.call('HSET', document, field, text) end
redis.call('PEXPIRE', document, ttl)
redis.call('ZADD', names, string.format('%.0f', now + tonumber(ttl)), name)
redis.call('PEXPIRE', names, ttl)
return reply
`,
  {
    isReply: isEither(
      isFieldsAfter('written'),
      isEither(
        isTuple<['conflict']>(isOneOf('conflict')),
        isTuple<['full', 'bytes' | 'fields' | 'documents']>(isOneOf('full'), isOneOf('bytes', 'fields', 'documents')),
      ),
    ),
  },
);

export const removeScript = script<'removed' | 'missing' | 'conflict'>(
  'documents.remove',
  `
-- Removes a document.
-- KEYS[1] document  KEYS[2] names of the owner's documents
-- ARGV[1] the version that the document must have, '' for any  ARGV[2] name of the document
-- Returns 'removed'; 'missing' if there is no document; 'conflict' if it has another version.
local document, names, expected, name = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local version = redis.call('HGET', document, 'v')
if not version then return 'missing' end
if expected ~= '' and expected ~= version then return 'conflict' end
redis.call('DEL', document)
redis.call('ZREM', names, name)
return 'removed'
`,
  { allowOom: true, isReply: isOneOf('removed', 'missing', 'conflict') },
);
