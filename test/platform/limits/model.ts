/**
 * What each algorithm must decide, from the exact log of what was admitted and nothing else: no counters, no keys. The
 * one thing it knows of the library is the exception it cannot see from outside (`leftCounted`).
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
  /** Decides, and remembers what it admits. `asked`: whether Redis is asked, so that it may count a refusal. */
  take(at: number, cost: number, asked: boolean): { allowed: boolean; remaining: number };
  /** Whether a request would pass. */
  wouldPass(at: number, cost: number): boolean;
}

export function createModel(shape: Shape): Model {
  const admitted: Event[] = [];
  /** Refusals that stay counted: of a sliding window that misses by one, nobody can tell whether it was counted. */
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

/** A bucket is full when it is first used, and gets its tokens at the end of each period since then. */
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

/** What is admitted at most between two admitted requests, both included, `T` ms apart. As src/platform/limits/window.ts has it. */
export function boundOf(shape: Shape, apartMs: number): number {
  if (shape.kind === 'bucket') return shape.limit + (Math.floor(apartMs / shape.everyMs) + 1) * shape.refill;
  const chunks = Math.floor(apartMs / shape.windowMs) + 2;
  if (shape.kind === 'fixed' || apartMs > shape.windowMs) return chunks * shape.limit;
  return shape.limit + Math.ceil((shape.limit * apartMs) / shape.windowMs);
}

/** Every stretch of the log, from one admitted request to another, that admits more than the bound. */
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
