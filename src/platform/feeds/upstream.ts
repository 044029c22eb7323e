/**
 * The messages from Redis for one connection: a subscription to the channels of its topics, opened again when it ends,
 * and the inbox of messages that are not sent yet.
 */
import type { RedisKey, Subscribe, Subscription } from '../redis/index.ts';
import type { System } from '../system.ts';
import { createInbox, type Message } from './inbox.ts';

/** The messages of one connection. */
export interface Upstream {
  /**
   * Opens the subscription if it is not open and its wait is over. After a failure the next wait is 1 to 3 s. 1 request,
   * 1 command.
   */
  open(): Promise<void>;
  /** The time of the next attempt to open, in ms since the epoch; `Infinity` while the subscription is open. */
  readonly opensAt: number;
  /** Removes and returns the oldest message. */
  take(): Message | undefined;
  /** Returns whether messages may have been lost since the last call, so that the streams must be read. */
  takeLoss(): boolean;
  /**
   * Tells whether a check has found entries. A connection can die without an end. So if two checks in turn find entries
   * and no message came since the check before, the subscription is ended and opened again.
   */
  afterCheck(foundEntries: boolean): void;
  /** Ends the subscription for good. */
  close(): void;
}

/** The wait after a failure, in ms: from 1 to 3 times this. */
const WAIT_MS = 1_000;

/** Creates the messages of a connection, without I/O. `onNews` is called when a message arrives or the subscription ends. */
export function createUpstream(
  { subscribe, system }: { subscribe: Subscribe; system: Pick<System, 'now' | 'random'> },
  channels: readonly RedisKey[],
  onNews: () => void,
): Upstream {
  const inbox = createInbox();
  let subscription: Subscription | undefined;
  let opensAt = 0;
  let wasOpen = false;
  let isLossy = false;
  let isClosed = false;
  let messages = 0;
  let silentChecks = 0;

  function lose(): void {
    subscription = undefined;
    opensAt = system.now() + WAIT_MS * (1 + 2 * system.random());
    onNews();
  }

  return {
    async open() {
      if (isClosed || subscription !== undefined || system.now() < opensAt) return;
      try {
        let isOver = false;
        const opened = await subscribe(channels, {
          onMessage(channel, text) {
            inbox.put({ channel, text });
            messages += 1;
            onNews();
          },
          onEnd() {
            isOver = true;
            lose();
          },
        });
        // The browser may have left, or the stream may have ended, before this line.
        if (isClosed) return opened.close();
        if (!isOver) {
          subscription = opened;
          opensAt = Infinity;
        }
        // The first check of a connection comes after its first subscription, so nothing can be lost yet.
        isLossy ||= wasOpen;
        wasOpen = true;
      } catch {
        wasOpen = true;
        lose();
      }
    },
    get opensAt() {
      return isClosed ? Infinity : opensAt;
    },
    take: () => inbox.take(),
    takeLoss() {
      const had = inbox.takeDropped() || isLossy;
      isLossy = false;
      return had;
    },
    afterCheck(foundEntries) {
      silentChecks = foundEntries && messages === 0 ? silentChecks + 1 : 0;
      messages = 0;
      if (silentChecks < 2 || subscription === undefined) return;
      silentChecks = 0;
      subscription.close();
      lose();
    },
    close() {
      isClosed = true;
      subscription?.close();
      subscription = undefined;
    },
  };
}
