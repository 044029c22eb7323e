/**
 * How a rule counts: three algorithms of @upstash/ratelimit, with what they promise. `L` is the limit, `W` the window.
 *
 * - `fixed`: time is cut into chunks of W, and each chunk admits L. Around the end of a chunk up to 2L pass within W.
 * - `sliding`: the chunk before still counts, with the share of it that is within the last W. Any stretch of T ≤ W
 *   admits at most L + ⌈L·T/W⌉, a single chunk at most L.
 * - `bucket`: a bucket of `capacity` tokens gets `refill` more at the end of each period `every`. Any stretch of time
 *   admits at most `capacity` and what was refilled in it.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { LimitError } from './errors.ts';

/** A way to count. Built by {@link sliding}, {@link fixed} and {@link bucket}. */
export type Window = ChunkedWindow | Bucket;

/** Counts in chunks of time. */
export interface ChunkedWindow {
  readonly kind: 'sliding' | 'fixed';
  /** The units of cost that a window admits. */
  readonly limit: number;
  readonly windowMs: number;
}

/** Counts tokens. */
export interface Bucket {
  readonly kind: 'bucket';
  /** The units of cost in a full bucket. */
  readonly limit: number;
  /** How long an empty bucket takes to fill. */
  readonly windowMs: number;
  readonly refill: number;
  readonly everyMs: number;
}

/** Far below where numbers in Lua and in structured fields stop being exact. */
const HIGHEST_LIMIT = 1_000_000_000;
const LONGEST_WINDOW_MS = 31 * 86_400_000;

/**
 * At most `limit` in a window that moves with time: the rule for most things.
 * @throws {LimitError} `LIMIT_RULE`
 */
export function sliding(limit: number, window: Duration): Window {
  return chunked('sliding', limit, window);
}

/**
 * At most `limit` in each calendar chunk of that length: for quotas such as "per day", where all come back at once.
 * @throws {LimitError} `LIMIT_RULE`
 */
export function fixed(limit: number, window: Duration): Window {
  return chunked('fixed', limit, window);
}

/**
 * A burst of `capacity`, then `refill` every so often: for costs greater than 1, and to even out a stream.
 * @throws {LimitError} `LIMIT_RULE`
 */
export function bucket(options: { capacity: number; refill: number; every: Duration }): Window {
  const { capacity, refill } = options;
  const everyMs = lengthOf(options.every);
  if (!isCount(capacity)) throw new LimitError('LIMIT_RULE', `Not the capacity of a bucket: ${capacity}`);
  if (!isCount(refill) || refill > capacity)
    throw new LimitError('LIMIT_RULE', `Not the refill of a bucket: ${refill}`);
  const windowMs = lengthOf(Math.ceil(capacity / refill) * everyMs);
  return { kind: 'bucket', limit: capacity, windowMs, refill, everyMs };
}

function chunked(kind: ChunkedWindow['kind'], limit: number, window: Duration): Window {
  if (!isCount(limit)) throw new LimitError('LIMIT_RULE', `Not a limit: ${limit}`);
  return { kind, limit, windowMs: lengthOf(window) };
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= HIGHEST_LIMIT;
}

function lengthOf(window: Duration): number {
  const length = milliseconds(window);
  if (!Number.isInteger(length) || length < 1 || length > LONGEST_WINDOW_MS) {
    throw new LimitError('LIMIT_RULE', `A window has whole milliseconds, at least 1 and at most 31 days: ${length}`);
  }
  return length;
}
