/** The work of one scope that continues after the response. */
import type { Context } from 'hono';
import type { Log } from './log.ts';

/** The background work of one scope. */
export interface Background {
  /** Adds work: a running promise, or a function that `end` calls. A failure is logged. */
  after(work: Promise<unknown> | (() => Promise<unknown>)): void;
  /** Resolves when all work has ended. Work may add further work, which must have ended too. */
  end(): Promise<void>;
}

/** Creates the background work of a scope, empty at first. */
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

/** Ends a scope after the response if the platform allows this (`waitUntil`), otherwise before the response. */
export async function endAfter(c: Context, scope: { end(): Promise<void> }): Promise<void> {
  const ended = scope.end();
  let context: Pick<Context['executionCtx'], 'waitUntil'>;
  try {
    context = c.executionCtx;
  } catch {
    // Hono throws if the platform has no execution context, as on Node.
    return ended;
  }
  context.waitUntil(ended);
}
