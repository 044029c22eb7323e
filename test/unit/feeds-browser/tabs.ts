/** Tabs of a browser in this process: real locks and channels, with a clock and network events of the test. */
import { expect } from 'vitest';
import { type BrowserParts, connectFeeds, type FeedOptions } from '../../../src/platform/feeds/browser/index.ts';

/** A clock whose timers run when a test says so. */
export function testClock() {
  let now = 1_000_000;
  const timers = new Map<object, { at: number; run: () => void }>();
  return {
    now: () => now,
    setTimeout(run: () => void, ms: number) {
      const timer = {};
      timers.set(timer, { at: now + ms, run });
      return timer;
    },
    clearTimeout: (timer: unknown) => void timers.delete(timer as object),
    /** The delays until the timers run, in ms, the newest timer first. */
    pending: () => [...timers.values()].map(({ at }) => at - now).reverse(),
    advance(ms: number) {
      now += ms;
      for (const [timer, { at, run }] of timers) if (at <= now && timers.delete(timer)) run();
    },
  };
}

/** Opens a tab. `log` has every call of the application's functions. */
export function openTab(options: Pick<FeedOptions, 'url' | 'topics'> & Partial<FeedOptions>) {
  const clock = testClock();
  const log: string[] = [];
  let isVisible = true;
  let network = () => {};
  let visible = () => {};
  let isListening = false;
  const parts: Partial<BrowserParts> = {
    ...clock,
    random: () => 0,
    locks: navigator.locks,
    openChannel: (name) => {
      const channel = new BroadcastChannel(name) as BroadcastChannel & { unref?(): void };
      channel.unref?.();
      return channel;
    },
    isVisible: () => isVisible,
    listen(onNetwork, onVisible) {
      network = onNetwork;
      visible = onVisible;
      isListening = true;
      return () => {
        isListening = false;
      };
    },
    ...options.parts,
  };
  const feeds = connectFeeds({
    onEvent: ({ topic, data }) => log.push(`${topic} ${data.type}`),
    onReset: ({ topic, why }) => log.push(`reset ${topic} ${why}`),
    onPresence: ({ topic, userIds }) => log.push(`${topic} has ${userIds.join()}`),
    onState: (state) => log.push(state),
    ...options,
    parts,
  });
  return {
    ...feeds,
    clock,
    log,
    isListening: () => isListening,
    networkChanges: () => network(),
    hide: () => {
      isVisible = false;
    },
    show: () => {
      isVisible = true;
      visible();
    },
    /** Waits until these are all calls of the application's functions, in this order. */
    hasHeard: (...lines: string[]) => expect.poll(() => log).toEqual(lines),
  };
}
