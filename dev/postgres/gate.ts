/**
 * One backend, many connections: the connection that holds the gate may use the backend, and keeps the gate until its
 * transaction has ended. First come, first served.
 */

/** The gate was not free in time. */
export class GateTimeoutError extends Error {
  readonly code = 'gate_timeout';
}

interface Waiting {
  owner: object;
  enter: () => void;
}

/** A fair, reentrant lock with a bounded wait. */
export class Gate {
  readonly #waitLimitMs: number;
  readonly #waiting: Waiting[] = [];
  #holder: object | undefined;

  constructor(waitLimitMs: number) {
    this.#waitLimitMs = waitLimitMs;
  }

  /** Resolves when `owner` holds the gate. Rejects with {@link GateTimeoutError} after the wait limit. */
  async enter(owner: object): Promise<void> {
    if (this.#holder === owner) return;
    if (this.#holder === undefined) {
      this.#holder = owner;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        owner,
        enter: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(new GateTimeoutError(`waited ${this.#waitLimitMs} ms for another connection to end its transaction`));
      }, this.#waitLimitMs);
      this.#waiting.push(waiting);
    });
  }

  /** Passes the gate to the next in line. Does nothing unless `owner` holds the gate. */
  leave(owner: object): void {
    if (this.#holder !== owner) return;
    const next = this.#waiting.shift();
    this.#holder = next?.owner;
    next?.enter();
  }

  /** Whether `owner` holds the gate. */
  isHeldBy(owner: object): boolean {
    return this.#holder === owner;
  }
}
