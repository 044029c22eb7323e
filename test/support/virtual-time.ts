/**
 * Virtual time for isolates and for the embedded Redis, which share this process's clock. The time stands still while
 * any work goes on, and then moves to the next timer. So waits of minutes take no time, and their lengths are exact.
 */
import { afterEach, beforeEach, vi } from 'vitest';
import { realSystem, type System } from '../../src/platform/system.ts';
import { counted, quiet } from './interleave.ts';
import type { IsolateOptions } from './isolate.ts';

/** The time of a test. */
export interface VirtualTime {
  readonly system: System;
  /** A `fetch` whose requests take no virtual time. */
  readonly fetch: NonNullable<IsolateOptions['fetch']>;
  /** A system whose timers and waits end for good when `die` is called: the system of a killed process. */
  mortal(): { system: System; die(): void };
  /** Lets timers fire early by up to so many ms, together with the next timer: tests of many waits are quicker. */
  coarsen(ms: number): void;
  /** Moves the time until the work has ended, and returns its result. Works may overlap. */
  run<Result>(work: Promise<Result>): Promise<Result>;
}

const NOON = Date.UTC(2026, 10, 20, 12);

/** Sets the clock of this process before each test of the file, and resets it after the test. */
export function virtualTime(): VirtualTime {
  const timers = new Set<{ at: number; run: () => void }>();
  let running = 0;
  let moving: Promise<void> | undefined;
  let grainMs = 0;
  beforeEach(() => {
    timers.clear();
    grainMs = 0;
    vi.useFakeTimers({ toFake: ['Date'], now: NOON });
  });
  afterEach(() => void vi.useRealTimers());

  function timer(ms: number, run: () => void): () => void {
    const added = { at: Date.now() + ms, run };
    timers.add(added);
    return () => void timers.delete(added);
  }
  const sleep = (ms: number) => new Promise<void>((resolve) => void timer(ms, resolve));
  const system: System = { ...realSystem, timer, sleep };

  return {
    system,
    fetch: (url, request) =>
      counted(async () => {
        const response = await fetch(url, request);
        return new Response(await response.text(), response);
      }),
    mortal() {
      let isAlive = true;
      const whileAlive = (ms: number, run: () => void) => timer(ms, () => isAlive && run());
      return {
        system: {
          ...system,
          timer: whileAlive,
          sleep: (ms) => new Promise((resolve) => void whileAlive(ms, resolve)),
        },
        die() {
          isAlive = false;
        },
      };
    },
    coarsen(ms) {
      grainMs = ms;
    },
    async run(work) {
      running += 1;
      const ended = work.finally(() => {
        running -= 1;
      });
      // The promise is awaited below; until then a rejection must not count as unhandled.
      ended.catch(() => undefined);
      moving ??= move().finally(() => {
        moving = undefined;
      });
      await Promise.race([moving, ended]);
      return ended;
    },
  };

  /** Moves the time until no work runs. */
  async function move(): Promise<void> {
    for (;;) {
      await quiet();
      if (running === 0) return;
      const [next] = [...timers].toSorted((one, other) => one.at - other.at);
      if (!next) throw new Error('Nothing is left to happen, and the work has not ended');
      const until = next.at + grainMs;
      vi.setSystemTime(Math.max(Date.now(), next.at));
      for (const due of [...timers].filter(({ at }) => at <= until)) {
        timers.delete(due);
        due.run();
      }
    }
  }
}
