/** The commands of a Bloom filter in Redis: check, add, and the two of a rebuild. Each is one command. */
import { isInteger, isOneOf, isText, key, NO_TENANT, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { type FilterSize, HEADER_BYTES, lengthOf, MAGIC_BYTES, offsetsOf } from './bloom.ts';

/** The life of a filter without a rebuild, in ms. */
const FILTER_MS = 7 * 86_400_000;
/** The life of a rebuild, in ms: longer than any run of its schedule. */
const REBUILD_MS = 3_600_000;

/** The keys of a query's filter, and of the filter that a rebuild collects meanwhile. Both belong to no tenant. */
export function filterKeys(query: string): { filter: RedisKey; rebuild: RedisKey } {
  return { filter: key(NO_TENANT, 'guard', query), rebuild: key(NO_TENANT, 'guard', query, 'rebuild') };
}

const addScript = script<number>(
  'guard.add',
  `
-- Adds members to a filter and to its rebuild, as far as these exist.
-- KEYS[1] filter  KEYS[2] its rebuild  ARGV[1..] offsets of the members' bits
-- Returns the number of filters that exist.
-- Keeps: a filter that does not exist is not created, because without its other members it would deny them.
local exist = 0
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then
    exist = exist + 1
    for i = 1, #ARGV do
      local offset = ARGV[i]
      redis.call('SETBIT', key, offset, 1)
    end
  end
end
return exist
`,
  // Setting bits needs no memory, because a filter has its full length from the beginning.
  { allowOom: true, isReply: isInteger },
);

const beginScript = script<string>(
  'guard.begin',
  `
-- Begins a rebuild: from now on writers add their members to the rebuild too.
-- KEYS[1] rebuild  ARGV[1] random part of its token  ARGV[2] length of a filter in bytes  ARGV[3] life of a rebuild in ms
-- Returns the token of the rebuild: the random part and the time in microseconds, 16 digits.
-- Keeps: a request that arrives again begins another rebuild. So a rebuild whose members are lost cannot be published.
local rebuild, random, length, life = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local time = redis.call('TIME')
local token = random .. string.format('%016.0f', time[1] * 1000000 + time[2])
redis.call('SET', rebuild, token, 'PX', life)
redis.call('SETRANGE', rebuild, length - 1, '\\0')
return token
`,
  { isReply: isText },
);

const publishScript = script<number>(
  'guard.publish',
  `
-- Replaces a filter by a rebuilt one, with the members that were added since the rebuild began.
-- KEYS[1] filter  KEYS[2] its rebuild  ARGV[1] token of the rebuild  ARGV[2] the filter as text
-- ARGV[3] length of the header in bytes  ARGV[4] life of a filter in ms
-- Returns 1, or 0 if the rebuild has ended.
-- Keeps: without the members that were added meanwhile nothing is replaced; a request that arrives twice changes
-- nothing.
local filter, rebuild, token, text, headerLength, life = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('GETRANGE', rebuild, 0, #token - 1) ~= token then return 0 end
if redis.call('GETRANGE', filter, headerLength - #token, headerLength - 1) == token then return 0 end
redis.call('SET', filter, text)
redis.call('BITOP', 'OR', filter, filter, rebuild)
redis.call('SETRANGE', filter, 0, string.sub(text, 1, headerLength))
redis.call('PEXPIRE', filter, life)
redis.call('DEL', rebuild)
return 1
`,
  { isReply: isOneOf(0, 1) },
);

/**
 * Returns whether a query's source may have a value. `false` is certain: a complete filter does not have the member. A
 * filter that is not there, and a Redis that does not answer, say `true`. 1 command, which only reads.
 */
export async function mayHave(redis: RedisClient, query: string, size: FilterSize, member: string): Promise<boolean> {
  const half = (MAGIC_BYTES / 2) * 8;
  const bits = offsetsOf(size, member).flatMap((offset) => ['GET', 'u1', offset]);
  const { filter } = filterKeys(query);
  try {
    const words = ['BITFIELD_RO', filter, 'GET', 'u32', 0, 'GET', 'u32', half, ...bits];
    const [first, second, ...found] = await redis.exec<number[]>(words as [string, ...(string | number)[]]);
    const magic = Buffer.from(size.magic);
    const isComplete = first === magic.readUInt32BE(0) && second === magic.readUInt32BE(4);
    return !isComplete || found.every((bit) => bit === 1);
  } catch {
    return true;
  }
}

/**
 * Adds members to a query's filter, and to its rebuild. 1 request, 1 command.
 * @throws {RedisError} if Redis did not confirm: the members may be missing.
 */
export async function addMembers(
  redis: RedisClient,
  query: string,
  size: FilterSize,
  members: readonly string[],
): Promise<void> {
  const { filter, rebuild } = filterKeys(query);
  await addScript.call(
    redis,
    [filter, rebuild],
    members.flatMap((member) => offsetsOf(size, member)),
  );
}

/** Reads the header of a query's filter; `''` without a filter. 1 command. */
export function readHeader(redis: RedisClient, query: string): Promise<string> {
  return redis.exec<string>(['GETRANGE', filterKeys(query).filter, 0, HEADER_BYTES - 1]);
}

/** Begins a rebuild: writers add their members to it too. Returns its token. `random` has 8 bytes. */
export function beginRebuild(redis: RedisClient, query: string, size: FilterSize, random: string): Promise<string> {
  return beginScript.call(redis, [filterKeys(query).rebuild], [random, lengthOf(size), REBUILD_MS]);
}

/** Replaces the filter by the rebuilt one. Returns `false` if the rebuild has ended: nothing was replaced. */
export async function publishRebuild(redis: RedisClient, query: string, token: string, text: string): Promise<boolean> {
  const { filter, rebuild } = filterKeys(query);
  return (await publishScript.call(redis, [filter, rebuild], [token, text, HEADER_BYTES, FILTER_MS])) === 1;
}
