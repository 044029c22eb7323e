/**
 * The emulator's time. Everything that is due later (a delayed message, a retry) waits in one queue ordered by due time;
 * `advance` moves the clock and runs what falls due, so a retry in half an hour takes a test no time at all.
 */

/** Time and timers of the emulator. All times are in milliseconds. */
export interface Clock {
  now(): number;
  /** Runs `task` when the clock reaches `due`, at once if it already has. */
  at(due: number, task: () => Promise<void>): void;
  /** Moves the clock and runs what falls due on the way, in order; resolves when all of it has finished. */
  advance(ms: number): Promise<void>;
  /** Resolves when no task is running. */
  settle(): Promise<void>;
  /** Forgets what is waiting. */
  stop(): void;
}

interface Timer {
  due: number;
  task: () => Promise<void>;
}

/** A clock that stands still between calls of `advance`: for tests. */
export function testClock(startAt: number): Clock {
  return createClock(() => startAt, false);
}

/** A clock that runs, and can be moved ahead of the wall clock: for people. */
export function runningClock(wallClock: () => number = Date.now): Clock {
  return createClock(wallClock, true);
}

function createClock(base: () => number, runs: boolean): Clock {
  const waiting: Timer[] = [];
  const running = new Set<Promise<void>>();
  let offset = 0;
  let alarm: NodeJS.Timeout | undefined;

  const now = (): number => base() + offset;

  function start(task: () => Promise<void>): void {
    const finished = task().finally(() => running.delete(finished));
    running.add(finished);
  }

  function startDue(): void {
    for (let next = waiting[0]; next !== undefined && next.due <= now(); next = waiting[0]) {
      waiting.shift();
      start(next.task);
    }
    if (!runs) return;
    clearTimeout(alarm);
    const next = waiting[0];
    // setTimeout holds at most 2^31 - 1 ms; a later timer is looked at again then.
    if (next !== undefined) alarm = setTimeout(startDue, Math.min(next.due - now(), 2 ** 31 - 1)).unref();
  }

  async function settle(): Promise<void> {
    while (running.size > 0) await Promise.allSettled(running);
  }

  return {
    now,
    settle,
    at(due, task) {
      const position = waiting.findIndex((other) => other.due > due);
      waiting.splice(position === -1 ? waiting.length : position, 0, { due, task });
      startDue();
    },
    async advance(ms) {
      const target = now() + ms;
      await settle();
      for (let next = waiting[0]; next !== undefined && next.due <= target; next = waiting[0]) {
        offset += Math.max(0, next.due - now());
        startDue();
        await settle();
      }
      offset += Math.max(0, target - now());
      startDue();
    },
    stop() {
      waiting.length = 0;
      clearTimeout(alarm);
    },
  };
}
