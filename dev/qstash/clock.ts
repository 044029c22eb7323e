/**
 * The emulator's time. Everything that is due later (a delayed message, a retry, a tick of a schedule) waits in one heap
 * ordered by due time; `advance` moves the clock and runs what falls due, so a retry in half an hour takes a test no time.
 */
import TinyQueue from 'tinyqueue';

/** Time and timers of the emulator. All times are in milliseconds. */
export interface Clock {
  now(): number;
  /** Runs `task` when the clock reaches `due`, at once if it already has. Tasks of one instant start in the order given. */
  at(due: number, task: () => Promise<void> | void): void;
  /** Runs `task` now, and counts it among those that `settle` and `advance` wait for. */
  run(task: () => Promise<void> | void): void;
  /**
   * Moves the clock and runs what falls due on the way, in order; resolves when all of it, and all that it started, has
   * finished. Calls wait for each other. Rejects with the error of a task that failed.
   */
  advance(ms: number): Promise<void>;
  /** Resolves when no task is running. Rejects with the error of a task that failed. */
  settle(): Promise<void>;
  /** What waits: how many tasks, and when the next is due. */
  waiting(): { count: number; next: number | undefined };
  /** Forgets what is waiting, and starts nothing any more. */
  stop(): void;
}

interface Timer {
  due: number;
  order: number;
  task: () => Promise<void> | void;
}

/** setTimeout holds at most 2^31 - 1 ms; a later timer is looked at again then. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** A clock that stands still between calls of `advance`: for tests. */
export function testClock(startAt: number): Clock {
  return createClock(() => startAt, false);
}

/** A clock that runs, and can be moved ahead of the wall clock: for people. */
export function runningClock(wallClock: () => number = Date.now): Clock {
  return createClock(wallClock, true);
}

function createClock(base: () => number, runs: boolean): Clock {
  const byDueTime = (a: Timer, b: Timer): number => a.due - b.due || a.order - b.order;
  let timers = new TinyQueue<Timer>([], byDueTime);
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let order = 0;
  let stopped = false;
  let offset = 0;
  let alarm: NodeJS.Timeout | undefined;
  let alarmDue = Number.POSITIVE_INFINITY;
  let advancing: Promise<void> = Promise.resolve();

  const now = (): number => base() + offset;

  function run(task: () => Promise<void> | void): void {
    if (stopped) return;
    try {
      const result = task();
      if (result === undefined) return;
      const finished = result
        .catch((error: unknown) => {
          failures.push(error);
        })
        .finally(() => running.delete(finished));
      running.add(finished);
    } catch (error) {
      failures.push(error);
    }
  }

  function startDue(): void {
    for (let next = timers.peek(); next !== undefined && next.due <= now(); next = timers.peek()) {
      timers.pop();
      run(next.task);
    }
    setAlarm();
  }

  function setAlarm(): void {
    const due = timers.peek()?.due ?? Number.POSITIVE_INFINITY;
    if (!runs || due === alarmDue) return;
    clearTimeout(alarm);
    alarmDue = due;
    if (due === Number.POSITIVE_INFINITY) return;
    alarm = setTimeout(
      () => {
        alarmDue = Number.POSITIVE_INFINITY;
        startDue();
      },
      Math.min(due - now(), LONGEST_TIMEOUT_MS),
    ).unref();
  }

  async function settle(): Promise<void> {
    while (running.size > 0) await Promise.all(running);
    if (failures.length > 0) throw failures.shift();
  }

  async function advance(ms: number): Promise<void> {
    const target = now() + ms;
    await settle();
    for (let next = timers.peek(); next !== undefined && next.due <= target; next = timers.peek()) {
      offset += Math.max(0, next.due - now());
      startDue();
      await settle();
    }
    offset += Math.max(0, target - now());
    startDue();
  }

  return {
    now,
    run,
    settle,
    at(due, task) {
      if (due <= now()) return run(task);
      if (stopped) return;
      timers.push({ due, order: order++, task });
      setAlarm();
    },
    advance(ms) {
      const moved = advancing.then(() => advance(ms));
      advancing = moved.catch(() => {});
      return moved;
    },
    waiting: () => ({ count: timers.length, next: timers.peek()?.due }),
    stop() {
      stopped = true;
      timers = new TinyQueue<Timer>([], byDueTime);
      clearTimeout(alarm);
      alarmDue = Number.POSITIVE_INFINITY;
    },
  };
}
