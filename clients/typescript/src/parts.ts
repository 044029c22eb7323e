/** The parts of the platform that the client uses. Tests give others, so no test waits. */

/** The parts. */
export interface Parts {
  /** The time in ms since the epoch. */
  now(): number;
  /** A number from 0 to 1, but never 1. */
  random(): number;
  /** A new idempotency key. */
  id(): string;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Returns the parts of a browser, of Node or of a Worker. */
export function platformParts(): Parts {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    id: () => crypto.randomUUID(),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer as number),
  };
}

/** Waits for some ms, or until the signal aborts. */
export function pause({ setTimeout, clearTimeout }: Parts, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}
