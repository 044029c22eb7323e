/** Counts the costs of one scope. Tests assert these numbers, and each answer shows them in `Server-Timing`. */

/** Running totals of the requests a transport has sent. */
export interface RedisMeter {
  /** The number of HTTP requests that were sent, retries included. */
  requests: number;
  /** The number of commands in these requests. */
  commands: number;
  /** The time that the scope waited for answers, in ms. If requests overlap, the time of each is added in full. */
  ms: number;
  /** The length of all request bodies sent, in UTF-16 code units. Equals bytes for ASCII texts. */
  bytesOut: number;
  /** The length of all response bodies received, in UTF-16 code units. */
  bytesIn: number;
  /** The number of requests that failed. */
  failures: number;
}

/** Creates a meter at zero. */
export function createRedisMeter(): RedisMeter {
  return { requests: 0, commands: 0, ms: 0, bytesOut: 0, bytesIn: 0, failures: 0 };
}
