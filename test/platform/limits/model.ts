/**
 * The right decision of each algorithm, from the exact log of admitted requests alone: no counters, no keys. It models
 * one behaviour of the library, which is not visible from outside (`leftCounted`).
 */

export type Shape =
  | { kind: 'sliding' | 'fixed'; limit: number; windowMs: number }
  | { kind: 'bucket'; limit: number; refill: number; everyMs: number };

interface Event {
  at: number;
  cost: number;
}

export interface Model {
  readonly admitted: readonly Event[];
  /** Decides, and records admitted requests. `asked`: whether Redis gets the request and so may count a refusal. */
  take(at: number, cost: number, asked: boolean): { allowed: boolean; remaining: number };
  /** Whether a request would pass. */
  wouldPass(at: number, cost: number): boolean;
}

export function createModel(shape: Shape): Model {
  const admitted: Event[] = [];
  /** Refusals that stay counted: if a sliding window refuses by one unit, its answer does not show the count. */
  const leftCounted: Event[] = [];

  function left(at: number): number {
    if (shape.kind === 'bucket') return tokensAt(shape, admitted, at);
    const chunk = Math.floor(at / shape.windowMs);
    const usedIn = (which: number) =>
      [...admitted, ...leftCounted]
        .filter((event) => Math.floor(event.at / shape.windowMs) === which)
        .reduce((sum, { cost }) => sum + cost, 0);
    const share = 1 - (at % shape.windowMs) / shape.windowMs;
    const before = shape.kind === 'sliding' ? Math.floor(share * usedIn(chunk - 1)) : 0;
    return shape.limit - usedIn(chunk) - before;
  }

  return {
    admitted,
    wouldPass: (at, cost) => left(at) >= cost,
    take(at, cost, asked) {
      const before = left(at);
      const allowed = before >= cost;
      if (allowed) admitted.push({ at, cost });
      else if (asked && shape.kind === 'sliding' && cost > 1 && before === cost - 1) leftCounted.push({ at, cost });
      return { allowed, remaining: Math.max(0, allowed ? before - cost : before) };
    },
  };
}

/** A bucket is full at its first use, and gets tokens at the end of each period since then. */
function tokensAt(shape: Extract<Shape, { kind: 'bucket' }>, admitted: readonly Event[], at: number): number {
  const [first] = admitted;
  if (!first) return shape.limit;
  let tokens = shape.limit;
  let periods = 0;
  const refillUntil = (moment: number) => {
    const now = Math.floor((moment - first.at) / shape.everyMs);
    if (now > periods) tokens = Math.min(shape.limit, tokens + (now - periods) * shape.refill);
    periods = Math.max(periods, now);
  };
  for (const event of admitted) {
    refillUntil(event.at);
    tokens -= event.cost;
  }
  refillUntil(at);
  return tokens;
}

/** The bound of admitted requests in `T` ms, both ends included, as in src/platform/limits/window.ts. */
export function boundOf(shape: Shape, apartMs: number): number {
  if (shape.kind === 'bucket') return shape.limit + (Math.floor(apartMs / shape.everyMs) + 1) * shape.refill;
  const chunks = Math.floor(apartMs / shape.windowMs) + 2;
  if (shape.kind === 'fixed' || apartMs > shape.windowMs) return chunks * shape.limit;
  return shape.limit + Math.ceil((shape.limit * apartMs) / shape.windowMs);
}

/** Every interval between two admitted requests with more requests than the bound. */
export function excessesIn(shape: Shape, log: readonly Event[]): { from: number; to: number; admitted: number }[] {
  const sorted = [...log].sort((a, b) => a.at - b.at);
  return sorted.flatMap((from, start) => {
    let sum = 0;
    return sorted.slice(start).flatMap(({ at, cost }) => {
      sum += cost;
      return sum > boundOf(shape, at - from.at) ? [{ from: from.at, to: at, admitted: sum }] : [];
    });
  });
}
