/**
 * The emulator's time. All later tasks (a delayed message, a retry, a tick of a schedule) wait in one heap, ordered by
 * due time. `advance` moves the clock and runs the due tasks. So a test need not wait for a retry that is due in half
 * an hour.
 */
import TinyQueue from 'tinyqueue';

/** Time and timers of the emulator. All times are in milliseconds. */
export interface Clock {
  now(): number;
  /**
   * Runs `task` when the clock reaches `due`, or at once if `due` is past. Tasks with the same due time start in the
   * order of the calls.
   */
  at(due: number, task: () => Promise<void> | void): void;
  /** Runs `task` now; `settle` and `advance` wait for its end. */
  start(task: () => Promise<void> | void): void;
  /**
   * Moves the clock and runs the due tasks in order. Resolves when the due tasks, and all tasks that they started, have
   * finished. A call waits for earlier calls. Rejects with the error of a failed task.
   */
  advance(ms: number): Promise<void>;
  /** Resolves when no task is running. Rejects with the error of a failed task. */
  settle(): Promise<void>;
  /** Returns the number of waiting tasks, and the due time of the next task. */
  waiting(): { count: number; next: number | undefined };
  /** Drops the waiting tasks, and starts no further tasks. */
  stop(): void;
}

interface Timer {
  due: number;
  order: number;
  task: () => Promise<void> | void;
}

/** The longest delay of setTimeout, 2^31 - 1 ms. If a task is due later, the timer is set again after this delay. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Creates a clock for tests, which moves only in calls of `advance`. */
export function testClock(startAt: number): Clock {
  return createClock(() => startAt, false);
}

/** Creates a running clock for interactive use, which `advance` moves ahead of the wall clock. */
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

  function start(task: () => Promise<void> | void): void {
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
      start(next.task);
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
    start,
    settle,
    at(due, task) {
      if (due <= now()) return start(task);
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
