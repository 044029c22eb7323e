/**
 * The circuit breaker of the connection to Redis. The breaker must work without Redis, so its state is two numbers in
 * the isolate's memory. After several failures in a row, requests fail at once for a while; then a single request
 * probes.
 */

/**
 * Decides whether requests may be sent to Redis. A breaker holds numbers only, so an isolate's requests can share it.
 */
export interface Breaker {
  /**
   * Returns `true` while the breaker is closed, and for the single request that may probe; otherwise returns `false`.
   */
  allows(): boolean;
  succeeded(): void;
  failed(): void;
  readonly state: 'closed' | 'open';
}

/** Settings of a {@link Breaker}. */
export interface BreakerOptions {
  now(): number;
  /** The number of consecutive failures that opens the breaker. Default 5. */
  threshold?: number;
  /** How long the breaker stays open before one request may probe, in ms. Default 1000. */
  openFor?: number;
}

/**
 * Creates a closed breaker. The permission to probe extends the open time by `openFor`. So if a probe never returns,
 * the next probe is allowed after one more `openFor`.
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
