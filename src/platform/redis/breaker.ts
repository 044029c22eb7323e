/**
 * A circuit breaker for Redis itself, so it may not depend on Redis: it lives in the isolate's memory and is nothing
 * but two numbers. After a run of failures requests fail at once for a while; then a single request probes.
 */

/** Decides whether a request to Redis may leave. Holds numbers only, so requests of an isolate can share it. */
export interface Breaker {
  /** `false` while open; `true` when closed, or for the one request that may probe. */
  allows(): boolean;
  succeeded(): void;
  failed(): void;
  readonly state: 'closed' | 'open';
}

/** Settings of a {@link Breaker}. */
export interface BreakerOptions {
  now(): number;
  /** Consecutive failures that open it. Default 5. */
  threshold?: number;
  /** How long it stays open before one request may probe, in ms. Default 1000. */
  openFor?: number;
}

/**
 * Creates a closed breaker. A probe moves the opening time forward by itself, so a probe that never returns
 * costs one more `openFor` and cannot wedge the breaker half-open.
 */
export function createBreaker({ now, threshold = 5, openFor = 1000 }: BreakerOptions): Breaker {
  let failures = 0;
  let openUntil = 0;
  return {
    allows() {
      if (failures < threshold) return true;
      if (now() < openUntil) return false;
      openUntil = now() + openFor;
      return true;
    },
    succeeded() {
      failures = 0;
    },
    failed() {
      failures += 1;
      if (failures >= threshold) openUntil = now() + openFor;
    },
    get state() {
      return failures < threshold ? 'closed' : 'open';
    },
  };
}
