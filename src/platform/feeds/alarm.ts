/** Waiting that ends early: one waiter, and any number of reasons to wake it. */
import type { System } from '../system.ts';

/** An alarm with one waiter. */
export interface Alarm {
  /** Wakes the waiter. Without a waiter, the next wait ends at once. */
  ring(): void;
  /** Waits until a time in ms since the epoch, or until the alarm rings. */
  until(time: number): Promise<void>;
}

/** Creates an alarm. */
export function createAlarm(system: Pick<System, 'now' | 'timer'>): Alarm {
  let rung = false;
  let wake: () => void = () => {};
  return {
    ring() {
      rung = true;
      wake();
    },
    async until(time) {
      const ms = time - system.now();
      if (!rung && ms > 0) {
        await new Promise<void>((resolve) => {
          const stop = system.timer(ms, resolve);
          wake = () => {
            stop();
            resolve();
          };
        });
      }
      wake = () => {};
      rung = false;
    },
  };
}
