/**
 * Takes a request's cost from one rule in one command, with the algorithm and the script of a library,
 * @upstash/ratelimit.
 *
 * Two features of the library are off: its time-out lets requests pass and aborts no request, and its cache has no
 * bound and blocks refused callers for too long. The library also reads `Date.now()`, but a scope has its own clock,
 * so the time in the library's commands is replaced on the way to Redis.
 */
import { Ratelimit } from '@upstash/ratelimit';
import { isInteger, isTuple, type RedisClient, type RedisKey } from '../redis/index.ts';
import type { Identity, Rule } from './rule.ts';
import type { Window } from './window.ts';

/** A cost to take from one identity under one rule. */
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
  /** The units left. The number is not exact for a refused request: 0. */
  readonly remaining: number;
  /** How long until the current chunk or refill period ends, in ms. */
  readonly resetMs: number;
  /**
   * `true` if the cost was counted. Windows also count refused requests, except a sliding window that is already
   * full. The reply of a full window is the same as for a request that exceeds the limit by one unit, so both are
   * treated as not counted: a refund of units that were not taken would admit too many requests.
   */
  readonly counted: boolean;
}

/** Returns the keys that count a charge: the current key and, for a sliding window, the previous key. */
export function keysOf({ rule: { window }, key, now }: Charge): RedisKey[] {
  if (window.kind === 'bucket') return [key];
  const chunk = Math.floor(now / window.windowMs);
  const chunks = window.kind === 'sliding' ? [chunk, chunk - 1] : [chunk];
  // One of our keys with a number at the end is also one of our keys.
  return chunks.map((chunk) => `${key}:${chunk}` as RedisKey);
}

/**
 * Takes the cost of a charge. 1 command; if Redis does not know the library's script yet, 2 commands in 2 requests.
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
    // Called when Redis does not know the script's digest.
    async eval<Args extends unknown[], Data>(script: string, _keys: string[], args: Args) {
      return note(await redis.eval<unknown[], Data>(script, keys, atTime(charge, args)));
    },
    // The library's type requires these methods; only dynamic limits would call them.
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

  // The library joins prefix and identifier with a colon; no part of our keys contains a colon.
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
  // A bucket's periods begin with its first use, which only the script knows. Chunks are counted from the epoch.
  const resetMs = rule.window.kind === 'bucket' ? reset - charge.now : untilChunkEnds(charge);
  const counted = success || countedAnyway(rule.window, Number(reply[0]));
  return { charge, allowed: success, remaining, resetMs, counted };
}

/** The replies of the library's scripts: the units left, the end of the period (only for a bucket), and the limit. */
const isChunkReply = isTuple(isInteger, isInteger);
const isBucketReply = isTuple(isInteger, isInteger, isInteger);

/** Returns the time until the chunk of a charge ends, in ms. */
export function untilChunkEnds({ rule: { window }, now }: Charge): number {
  return window.windowMs - (now % window.windowMs);
}

/** Returns whether a refused request was counted. `left` is the first item of the reply: the units left, negative. */
function countedAnyway(window: Window, left: number): boolean {
  if (window.kind === 'bucket') return false;
  return window.kind === 'fixed' || left < -1;
}

/**
 * Returns the arguments of the library's scripts with the charge's time. The count of a fixed window is kept for two
 * windows: one window, counted from the first request, would end too early if the clock of that request was ahead.
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
