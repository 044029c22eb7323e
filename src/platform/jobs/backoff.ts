/** The waits between the attempts of a job. */
import type { Duration } from '../duration.ts';

/**
 * The waits between attempts: `first`, `first × factor`, and so on up to `max`. Up to 10 % is added to each wait at
 * random.
 */
export interface Backoff {
  /** The first wait. Default 10 s. */
  first?: Duration;
  /** The factor from each wait to the next. Default 2. */
  factor?: number;
  /** The longest wait, at most a day. Default 1 h. */
  max?: Duration;
}

/** The waits of a declared job. Times in ms. */
export type Waits = Readonly<Required<{ [Option in keyof Backoff]: number }>>;

/** Returns the wait after the given number of errors (from 1), in ms, without the random addition. */
export function backoffMs({ first, factor, max }: Waits, errors: number): number {
  return Math.min(max, first * factor ** (errors - 1));
}
