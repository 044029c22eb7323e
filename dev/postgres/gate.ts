/**
 * Shares one backend between many connections. The connection that holds the gate may use the backend, and keeps the
 * gate until its transaction has ended. Waiting connections get the gate in the order of their requests.
 */

/** The error of a connection that waited too long for the gate. */
export class GateTimeoutError extends Error {
  readonly code = 'gate_timeout';
}

interface Waiting {
  owner: object;
  enter: () => void;
}

/** A fair, reentrant lock with a time limit for waiting. */
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

  /** Passes the gate to the next waiting owner. Does nothing unless `owner` holds the gate. */
  leave(owner: object): void {
    if (this.#holder !== owner) return;
    const next = this.#waiting.shift();
    this.#holder = next?.owner;
    next?.enter();
  }

  /** Returns true if `owner` holds the gate. */
  isHeldBy(owner: object): boolean {
    return this.#holder === owner;
  }
}
