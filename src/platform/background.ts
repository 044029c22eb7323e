/** The work of one scope that goes on after the response. */
import type { Log } from './log.ts';

/** See above. */
export interface Background {
  /** Keeps work going; a function is called only at the end. A failure is logged. */
  after(work: Promise<unknown> | (() => Promise<unknown>)): void;
  /** Resolves when all work has ended, that included which other work has added. */
  end(): Promise<void>;
}

/** Background work, none yet. */
export function createBackground(log: Log): Background {
  const pending = new Set<Promise<unknown>>();
  const later: (() => Promise<unknown>)[] = [];

  function after(work: Promise<unknown> | (() => Promise<unknown>)): void {
    if (typeof work === 'function') {
      later.push(work);
      return;
    }
    const guarded = work.catch((error: unknown) => log.error('after.failed', { error }));
    pending.add(guarded);
    guarded.then(() => pending.delete(guarded));
  }

  return {
    after,
    async end() {
      while (pending.size > 0 || later.length > 0) {
        for (const work of later.splice(0)) after((async () => work())());
        await Promise.all(pending);
      }
    },
  };
}
