/** A clock that a test moves: times stand still, and timers fire when the test passes their time. */
import { realSystem, type System } from '../../src/platform/system.ts';

/** A clock and a system that follows it. */
export interface ManualClock {
  readonly system: System;
  /** Moves the time. Timers fire in the order of their times. */
  advance(ms: number): void;
}

/** Creates a clock that starts at the real time. `random` replaces the system's jitter. */
export function manualClock(random: () => number = () => 0.5): ManualClock {
  let now = Date.now();
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    system: {
      ...realSystem,
      now: () => now,
      random,
      sleep: (ms) => new Promise((resolve) => add(ms, resolve)),
      timer: add,
    },
    advance(ms) {
      const until = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= until).toSorted((one, other) => one.at - other.at);
        if (!next) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = until;
    },
  };

  function add(ms: number, run: () => void): () => void {
    const timer = { at: now + ms, run };
    timers.add(timer);
    return () => timers.delete(timer);
  }
}
