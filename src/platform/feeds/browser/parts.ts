/** The parts of a browser that the module uses. Tests pass their own time, randomness, tabs and network events. */

/** The connection between the tabs of an origin: a `BroadcastChannel`. */
export type Channel = Pick<BroadcastChannel, 'postMessage' | 'close' | 'onmessage'>;

/** The parts. */
export interface BrowserParts {
  /** The time in ms. */
  now(): number;
  /** A number from 0 to 1, but never 1. */
  random(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** Web Locks; undefined outside secure contexts. */
  locks: Pick<LockManager, 'request' | 'query'> | undefined;
  /** Opens a channel to the other tabs. */
  openChannel: ((name: string) => Channel) | undefined;
  /** Whether the user sees the tab. */
  isVisible(): boolean;
  /** Reports changes of the network, and a tab that the user sees again. Returns a function that ends the reports. */
  listen(onNetwork: () => void, onVisible: () => void): () => void;
}

/** Returns the parts of the browser that runs this module. */
export function browserParts(): BrowserParts {
  return {
    now: Date.now,
    random: Math.random,
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer as number),
    locks: globalThis.navigator?.locks,
    openChannel: globalThis.BroadcastChannel && ((name) => new BroadcastChannel(name)),
    isVisible: () => document.visibilityState === 'visible',
    listen(onNetwork, onVisible) {
      const listeners = new AbortController();
      const { signal } = listeners;
      addEventListener('online', onNetwork, { signal });
      addEventListener('offline', onNetwork, { signal });
      document.addEventListener('visibilitychange', onVisible, { signal });
      return () => listeners.abort();
    },
  };
}
