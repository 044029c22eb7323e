/**
 * Computes to the millisecond when a refused request would pass, if no other request consumes units until then. The
 * library `@upstash/ratelimit` returns the end of the current chunk. For a sliding window, this time is usually too
 * late and sometimes too early.
 */

import { type Charge, untilChunkEnds } from './consume.ts';
import type { Standing } from './refund.ts';
import type { Bucket, ChunkedWindow } from './window.ts';

/** The units left, and the time in ms (at least 1) that a refused request should wait. */
export interface Outlook {
  remaining: number;
  retryAfterMs: number;
}

/** Computes the outlook of a charge from the current counts. */
export function outlookOf({ rule: { window }, cost, now }: Charge, standing: Standing): Outlook {
  if (window.kind === 'bucket') {
    // The counts must be of the same kind as the rule's window.
    if (standing.kind !== 'bucket') throw new TypeError('The standing of a bucket must be a bucket');
    return bucketOutlook(window, standing, cost, now);
  }
  if (standing.kind === 'bucket') throw new TypeError('The standing of a window must be counts');
  const { current, previous } = standing;
  return window.kind === 'fixed'
    ? fixedOutlook(window, current, cost, now)
    : slidingOutlook(window, current, previous, cost, now);
}

/**
 * Returns a time in ms after which a refused request passes, for any counts, if no other request consumes
 * units.
 */
export function latestRetry(charge: Charge): number {
  const { window } = charge.rule;
  if (window.kind === 'bucket') return Math.ceil(charge.cost / window.refill) * window.everyMs;
  return window.kind === 'fixed' ? untilChunkEnds(charge) : untilChunkEnds(charge) + window.windowMs;
}

function fixedOutlook({ limit, windowMs }: ChunkedWindow, current: number, cost: number, now: number): Outlook {
  const passesNow = current + cost <= limit;
  return { remaining: Math.max(0, limit - current), retryAfterMs: passesNow ? 1 : windowMs - (now % windowMs) };
}

function slidingOutlook(
  { limit, windowMs }: ChunkedWindow,
  current: number,
  previous: number,
  cost: number,
  now: number,
): Outlook {
  const elapsed = now % windowMs;
  const remaining = Math.max(0, limit - current - weightOf(previous, elapsed, windowMs));
  // The request passes when the previous chunk's weight is low enough: in this chunk, or else in the next chunk.
  let at = firstFit(limit - cost - current, previous, elapsed, windowMs);
  if (at === windowMs) at += firstFit(limit - cost, current, 0, windowMs);
  return { remaining, retryAfterMs: Math.max(1, at - elapsed) };
}

/**
 * Returns the first time, not before `elapsed`, at which the previous chunk's weight is at most `room`. If there is no
 * such time in this chunk, returns the end of the chunk (`windowMs`). Times are in ms since the chunk began.
 */
function firstFit(room: number, previous: number, elapsed: number, windowMs: number): number {
  if (room < 0) return windowMs;
  const fits = (at: number) => weightOf(previous, at, windowMs) <= room;
  // `at` begins with the exact solution. The loops then correct `at` for the rounding of the script of
  // `@upstash/ratelimit`.
  let at = Math.max(elapsed, Math.ceil(windowMs * (1 - (room + 1) / Math.max(previous, 1))));
  while (at > elapsed && fits(at - 1)) at -= 1;
  while (at < windowMs && !fits(at)) at += 1;
  return Math.min(at, windowMs);
}

/**
 * Computes the weight of the previous chunk with the same operations on doubles as the script of `@upstash/ratelimit`,
 * so that both round in the same way.
 */
function weightOf(previous: number, elapsed: number, windowMs: number): number {
  return Math.floor((1 - elapsed / windowMs) * previous);
}

function bucketOutlook(
  { limit, refill, everyMs }: Bucket,
  { tokens, refilledAt }: { tokens: number; refilledAt: number },
  cost: number,
  now: number,
): Outlook {
  const due = Math.max(0, Math.floor((now - refilledAt) / everyMs));
  const needed = Math.ceil((cost - tokens) / refill);
  return {
    remaining: Math.min(limit, tokens + due * refill),
    retryAfterMs: Math.max(1, refilledAt + needed * everyMs - now),
  };
}
