/** Counts the costs of one scope. Tests assert these numbers, and each answer shows them in `Server-Timing`. */

/** Running totals of the requests a transport has sent. */
export interface RedisMeter {
  /** HTTP requests sent, retries included. */
  requests: number;
  /** Commands carried by those requests. */
  commands: number;
  /** Time spent waiting for answers, in ms. Requests that overlap are each counted in full. */
  ms: number;
  /** Bytes of request bodies sent (UTF-16 length, close enough for ASCII protocols). */
  bytesOut: number;
  /** Bytes of response bodies received (same measure). */
  bytesIn: number;
  /** Requests that failed. */
  failures: number;
}

/** Creates a meter at zero. */
export function createRedisMeter(): RedisMeter {
  return { requests: 0, commands: 0, ms: 0, bytesOut: 0, bytesIn: 0, failures: 0 };
}
