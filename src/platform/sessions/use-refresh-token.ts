/**
 * The script that decides about a refresh token. Each use replaces the token by a successor, so a second use may show
 * that a thief has a copy. But two tabs or a lost answer cause a second use, too. So for at most 30 s, and only until
 * the successor is used, a second use gets the same successor again. A later second use counts as the use of a copy,
 * and the family ends. Without the time limit, a thief and the owner could use the family in turn without end.
 *
 * The state of a family: `<last use> <generation> <digest> <previous digest> <end of the time limit> <successor>`.
 */
import { isEither, isOneOf, isText, isTuple, type RedisClient, script } from '../redis/index.ts';
import { type BucketKeys, LUA_EPOCH, tenantEpochKey } from './epochs.ts';
import { FAMILY, LUA_RECORD } from './record.ts';

const isUsed = isEither(
  isTuple(isOneOf('rotated', 'reuse'), isText),
  isEither(isTuple(isOneOf('same'), isText, isText), isTuple(isOneOf('invalid'))),
);

/** Exported so that tests can run the script with a line removed. */
export const useScript = script<
  ['rotated', record: string] | ['same', record: string, successor: string] | ['reuse', record: string] | ['invalid']
>(
  'refresh.use',
  `
-- Decides about a refresh token whose MAC has been verified.
-- KEYS[1] hash of the user  KEYS[2] epoch of the tenant  KEYS[3] epoch of the user
-- ARGV[1] name of the family  ARGV[2] generation of the token  ARGV[3] digest of the token's secret
-- ARGV[4] digest of the successor's secret  ARGV[5] secret of the successor, sealed for the bearer of the token
-- ARGV[6] now, in ms since the epoch  ARGV[7] time in ms in which a second use gets the same successor
-- Returns {'rotated', record}, {'same', record, successor}, {'reuse', record} or {'invalid'}.
-- Keeps: a family has one current token; a replay of an old token ends the family; other tokens change nothing.
local hash, tenantEpochKey, userEpochKey, family, usedGeneration = KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2]
local digest, nextDigest, sealed, at, sameMs = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
${LUA_EPOCH}
local record = redis.call('HGET', hash, family)
local state = redis.call('HGET', hash, family .. '~')
if not record or not state then return {'invalid'} end
local now = tonumber(at)
local _, idle, expires, tenant, user = string.match(record, ${LUA_RECORD})
local seen, generation, current, previous, same, successor = string.match(state, '^(%d+) (%d+) (%S+) (%S+) (%d+) (%S+)$')
if tenant ~= epoch(tenantEpochKey) or user ~= epoch(userEpochKey) then return {'invalid'} end
if tonumber(expires) <= now or tonumber(seen) + tonumber(idle) <= now then return {'invalid'} end
local behind = tonumber(generation) - tonumber(usedGeneration)
if behind == 0 and digest == current then
  local until_same = string.format('%.0f', now + tonumber(sameMs))
  local next = string.format('%.0f', tonumber(generation) + 1)
  redis.call('HSET', hash, family .. '~',
    table.concat({at, next, nextDigest, current, until_same, sealed}, ' '))
  return {'rotated', record}
end
if behind == 1 and digest == previous and now <= tonumber(same) then return {'same', record, successor} end
if behind > 0 then
  redis.call('HDEL', hash, family, family .. '~')
  return {'reuse', record}
end
return {'invalid'}
`,
  { isReply: isUsed },
);

/** Returns the first state of a family. */
export function firstState(now: number, digest: string): string {
  return `${now} 1 ${digest} - 0 -`;
}

/** The input of the script: the presented token and its possible successor. */
export interface RefreshTokenUse {
  family: string;
  generation: number;
  digest: string;
  successorDigest: string;
  /** The successor's secret, sealed. */
  successor: string;
  now: number;
  graceMs: number;
}

/** The script's decision. */
export type Used =
  | { kind: 'rotated' | 'reuse'; record: string }
  | { kind: 'same'; record: string; successor: string }
  | { kind: 'invalid' };

/** Uses a refresh token and returns the script's decision. 1 command. */
export async function useRefreshToken(
  redis: RedisClient,
  tenant: string,
  place: BucketKeys,
  { family, generation, digest, successorDigest, successor, now, graceMs }: RefreshTokenUse,
): Promise<Used> {
  const answer = await useScript.call(
    redis,
    [place.sessions, tenantEpochKey(tenant), place.epoch],
    [FAMILY + family, generation, digest, successorDigest, successor, now, graceMs],
  );
  switch (answer[0]) {
    case 'invalid':
      return { kind: 'invalid' };
    case 'same':
      return { kind: 'same', record: answer[1], successor: answer[2] };
    default:
      return { kind: answer[0], record: answer[1] };
  }
}
