/**
 * The ways to count: three algorithms of @upstash/ratelimit and their guarantees. `L` is the limit, `W` the window.
 *
 * - `fixed`: time is divided into chunks of length W, and each chunk admits L. A period of length W that begins in one
 *   chunk and ends in the next can admit up to 2L.
 * - `sliding`: the previous chunk counts too, with the share of it that lies within the last W. Any period T ≤ W admits
 *   at most L + ⌈L·T/W⌉; a single chunk admits at most L.
 * - `bucket`: a bucket of `capacity` tokens gets `refill` more tokens at the end of each period `every`. Any period
 *   admits at most `capacity` and the tokens refilled in the period.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { LimitError } from './errors.ts';

/** A way to count, made by {@link sliding}, {@link fixed} or {@link bucket}. */
export type Window = ChunkedWindow | Bucket;

/** A window that counts in chunks of time. */
export interface ChunkedWindow {
  readonly kind: 'sliding' | 'fixed';
  /** The units of cost that a window admits. */
  readonly limit: number;
  readonly windowMs: number;
}

/** A window that counts tokens. */
export interface Bucket {
  readonly kind: 'bucket';
  /** The units of cost in a full bucket. */
  readonly limit: number;
  /** How long an empty bucket takes to fill. */
  readonly windowMs: number;
  readonly refill: number;
  readonly everyMs: number;
}

/** The highest limit. Lua and structured fields represent much larger numbers exactly, so this limit is safe. */
const HIGHEST_LIMIT = 1_000_000_000;
const LONGEST_WINDOW_MS = 31 * 86_400_000;

/**
 * Makes a window that moves with time and admits at most `limit`: suitable for most rules.
 * @throws {LimitError} `LIMIT_RULE`
 */
export function sliding(limit: number, window: Duration): Window {
  return chunked('sliding', limit, window);
}

/**
 * Makes a window that admits at most `limit` in each chunk of this length. Chunks are counted from the epoch, so all
 * units come back at the same time. Suitable for quotas such as "per day".
 * @throws {LimitError} `LIMIT_RULE`
 */
export function fixed(limit: number, window: Duration): Window {
  return chunked('fixed', limit, window);
}

/**
 * Makes a bucket, which admits a burst of `capacity` and then `refill` more in each period. Suitable for costs greater
 * than 1, and to spread requests evenly over time.
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
