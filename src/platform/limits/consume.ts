/**
 * Consumes a request's cost from one rule in one command, with the algorithm and the script of the library
 * @upstash/ratelimit.
 *
 * Two features of the library are off. The time-out of the library lets requests pass without aborting them. The cache
 * of the library has no bound, and blocks refused callers for too long. The library also reads `Date.now()`, but a
 * scope has its own clock, so this file replaces the time in the library's commands.
 */
import { Ratelimit } from '@upstash/ratelimit';
import { isInteger, isTuple, type RedisClient, type RedisKey } from '../redis/index.ts';
import type { Identity, Rule } from './rule.ts';
import type { Window } from './window.ts';

/** A cost to consume from one identity under one rule. */
export interface Charge extends Identity {
  readonly rule: Rule;
  readonly cost: number;
  /** The time of the request, in ms since the epoch. */
  readonly now: number;
}

/** The library's answer. */
export interface Consumed {
  readonly charge: Charge;
  readonly allowed: boolean;
  /** The units left. For a refused request the value is 0, even if a request of a lower cost would pass. */
  readonly remaining: number;
  /** How long until the current chunk or refill period ends, in ms. */
  readonly resetMs: number;
  /**
   * `true` if the cost was counted. A window also counts the cost of a refused request, except a sliding window that is
   * already full. The reply of a full sliding window is the same as the reply to a request that exceeds the limit by
   * one unit. In both cases `counted` is `false`, because a refund of units that were not consumed would admit too many
   * requests.
   */
  readonly counted: boolean;
}

/** Returns the keys that count a charge: the current key and, for a sliding window, the previous key. */
export function keysOf({ rule: { window }, key, now }: Charge): RedisKey[] {
  if (window.kind === 'bucket') return [key];
  const chunk = Math.floor(now / window.windowMs);
  const chunks = window.kind === 'sliding' ? [chunk, chunk - 1] : [chunk];
  // The cast is safe: a valid key with a number at its end is also a valid key.
  return chunks.map((chunk) => `${key}:${chunk}` as RedisKey);
}

/**
 * Consumes the cost of a charge. 1 command; 2 commands in 2 requests if Redis does not know the script of
 * `@upstash/ratelimit` yet.
 * @throws {RedisError}
 */
export async function consume(redis: RedisClient, charge: Charge): Promise<Consumed> {
  const { rule, key, cost } = charge;
  let reply: readonly unknown[] = [];
  const keys = keysOf(charge);
  const line = {
    async evalsha<Args extends unknown[], Data>(sha1: string, _keys: string[], args: Args) {
      return note(await redis.evalsha<unknown[], Data>(sha1, keys, atTime(charge, args)));
    },
    // `@upstash/ratelimit` calls this method when Redis does not know the digest of the script.
    async eval<Args extends unknown[], Data>(script: string, _keys: string[], args: Args) {
      return note(await redis.eval<unknown[], Data>(script, keys, atTime(charge, args)));
    },
    // The type of `@upstash/ratelimit` requires these two methods. The library calls both only for dynamic limits,
    // which are not used here.
    get: redis.get,
    set: redis.set,
  };
  function note<Data>(data: Data): Data {
    const isReply = rule.window.kind === 'bucket' ? isBucketReply : isChunkReply;
    // The last item of a reply is the limit that the script used.
    if (!isReply(data) || data.at(-1) !== rule.window.limit) throw redis.unexpectedReply(`limit.${rule.window.kind}`);
    reply = data;
    return data;
  }

  // `@upstash/ratelimit` builds its key as prefix, colon, identifier. So the key is cut at its last colon: no part of a
  // key contains a colon.
  const cut = key.lastIndexOf(':');
  const ratelimit = new Ratelimit({
    redis: line,
    limiter: rule.algorithm,
    prefix: key.slice(0, cut),
    ephemeralCache: false,
    timeout: 0,
    analytics: false,
    enableProtection: false,
    dynamicLimits: false,
    enableTelemetry: false,
  });
  const { success, remaining, reset } = await ratelimit.limit(key.slice(cut + 1), { rate: cost });
  // The periods of a bucket begin with its first use, and only the script knows that time. Chunks of a window are
  // counted from the epoch.
  const resetMs = rule.window.kind === 'bucket' ? reset - charge.now : untilChunkEnds(charge);
  const counted = success || countedAnyway(rule.window, Number(reply[0]));
  return { charge, allowed: success, remaining, resetMs, counted };
}

/**
 * The replies of the scripts of `@upstash/ratelimit`: the units left, the end of the period (only for a bucket), and
 * the limit.
 */
const isChunkReply = isTuple(isInteger, isInteger);
const isBucketReply = isTuple(isInteger, isInteger, isInteger);

/** Returns the time until the chunk of a charge ends, in ms. */
export function untilChunkEnds({ rule: { window }, now }: Charge): number {
  return window.windowMs - (now % window.windowMs);
}

/**
 * Returns whether the cost of a refused request was counted. `left` is the first item of the reply: the units left,
 * below 0.
 */
function countedAnyway(window: Window, left: number): boolean {
  if (window.kind === 'bucket') return false;
  return window.kind === 'fixed' || left < -1;
}

/**
 * Returns the arguments of a script of `@upstash/ratelimit` with the charge's time. The count of a fixed window is
 * stored for two windows. If the clock of the first request was ahead, a count stored for one window would end too
 * early.
 */
function atTime({ rule: { window }, now }: Charge, args: readonly unknown[]): unknown[] {
  switch (window.kind) {
    case 'sliding': // arguments: limit, now, window, cost
      return args.with(1, now);
    case 'fixed': // arguments: limit, time to live, cost
      return args.with(1, window.windowMs * 2);
    case 'bucket': // arguments: capacity, interval, refill, now, cost
      return args.with(3, now);
  }
}
