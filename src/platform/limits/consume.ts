/**
 * Takes a request's cost from one rule, with the library's algorithm and script, in one command.
 *
 * Two features of the library are off: its time-out lets requests pass and aborts nothing, and its cache blocks a
 * refused caller for too long and without a bound. The library also reads `Date.now()`, but a scope has its own clock,
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
  /** When, in ms since the epoch. */
  readonly now: number;
}

/** The library's answer. */
export interface Consumed {
  readonly charge: Charge;
  readonly allowed: boolean;
  /** The units left. If refused, not exact: 0. */
  readonly remaining: number;
  /** How long until the current chunk or refill period ends, in ms. */
  readonly resetMs: number;
  /**
   * Whether the cost was counted. The library's windows also count refused requests, with one exception; and for a
   * sliding window that refuses by exactly one unit this is unknown. Then the cost is treated as not counted: refunding
   * units that were not taken would admit too much.
   */
  readonly counted: boolean;
}

/** The keys in which a charge is counted: the current one, and the previous one of a sliding window. */
export function keysOf({ rule: { window }, key, now }: Charge): RedisKey[] {
  if (window.kind === 'bucket') return [key];
  const chunk = Math.floor(now / window.windowMs);
  const chunks = window.kind === 'sliding' ? [chunk, chunk - 1] : [chunk];
  // A key of ours and a number are a key of ours.
  return chunks.map((chunk) => `${key}:${chunk}` as RedisKey);
}

/**
 * Takes. 1 command; on a Redis that does not know the library's script yet, 2 in 2 requests.
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
    // Called when Redis does not know the digest.
    async eval<Args extends unknown[], Data>(script: string, _keys: string[], args: Args) {
      return note(await redis.eval<unknown[], Data>(script, keys, atTime(charge, args)));
    },
    // Part of the type the library asks for; only dynamic limits would use them.
    get: redis.get,
    set: redis.set,
  };
  function note<Data>(data: Data): Data {
    const isReply = rule.window.kind === 'bucket' ? isBucketReply : isChunkReply;
    // Their last item is the limit that they counted with.
    if (!isReply(data) || data.at(-1) !== rule.window.limit) throw redis.unexpectedReply(`limit.${rule.window.kind}`);
    reply = data;
    return data;
  }

  // The library joins prefix and identifier with a colon; no part of our keys contains one.
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
  // A bucket's periods begin with its first use, which the script knows; chunks begin with the epoch.
  const resetMs = rule.window.kind === 'bucket' ? reset - charge.now : untilChunkEnds(charge);
  const counted = success || countedAnyway(rule.window, Number(reply[0]));
  return { charge, allowed: success, remaining, resetMs, counted };
}

/** The answer of the library's scripts: the units left, the end of a bucket's period, and the limit. */
const isChunkReply = isTuple(isInteger, isInteger);
const isBucketReply = isTuple(isInteger, isInteger, isInteger);

/** How long until the chunk of a charge ends, in ms. */
export function untilChunkEnds({ rule: { window }, now }: Charge): number {
  return window.windowMs - (now % window.windowMs);
}

/** `left` is what the library's script says is left: negative if the request was refused. */
function countedAnyway(window: Window, left: number): boolean {
  if (window.kind === 'bucket') return false;
  return window.kind === 'fixed' || left < -1;
}

/**
 * The arguments of the library's scripts with the charge's time. The count of a fixed window is kept for two windows
 * instead of one: one, counted from the first request, ends early if that came from a clock that is ahead.
 */
function atTime({ rule: { window }, now }: Charge, args: readonly unknown[]): unknown[] {
  switch (window.kind) {
    case 'sliding': // limit, now, window, cost
      return args.with(1, now);
    case 'fixed': // limit, time to live, cost
      return args.with(1, window.windowMs * 2);
    case 'bucket': // capacity, interval, refill, now, cost
      return args.with(3, now);
  }
}
