/**
 * Listens to channels, in a long-lived process: one subscription for all channels, opened again when it ends.
 *
 * Redis stores no message, so messages are lost while no subscription is open. The listener reports this as a gap. A gap
 * may also be silent, because a connection can die without an end; so a subscription without any message for a long time
 * is opened again.
 */
import type { z } from 'zod';
import type { Log } from '../log.ts';
import type { Subscribe, Subscription } from '../redis/index.ts';
import type { System } from '../system.ts';
import { type Channel, fieldsOf } from './channel.ts';

/** A channel and the function that receives its messages. Built by {@link receive}. */
export interface Receiver {
  readonly channel: Channel;
  readonly handle: (message: unknown) => void;
}

/** Names the function that receives the messages of a channel. The function must return soon. */
export function receive<Schema extends z.ZodType>(
  channel: Channel<Schema>,
  handle: (message: z.output<Schema>) => void,
): Receiver {
  // The listener calls `handle` only with messages that the schema of the channel accepts.
  return { channel, handle: handle as (message: unknown) => void };
}

/** The services of a listener. */
export interface ListenServices {
  subscribe: Subscribe;
  system: Pick<System, 'now' | 'random' | 'timer'>;
  log: Log;
}

/** The parts of {@link listen}. */
export interface ListenOptions {
  receivers: readonly Receiver[];
  /**
   * Is called each time when messages from before this moment may be missing: when a subscription has been opened, the
   * first one included, and when a message is refused. Read again here what the messages are about. Must return soon.
   */
  onGap(): void;
}

/** A running listener. */
export interface Listener {
  /** The counts so far. */
  readonly counts: Readonly<ListenerCounts>;
  /** Ends the subscription for good. */
  close(): void;
}

/** The counts of a listener. */
export interface ListenerCounts {
  /** The messages that a receiver got. */
  received: number;
  /** The messages that were not JSON, or that the schema of their channel refused. */
  refused: number;
  /** The subscriptions that were opened. */
  opened: number;
  /** The attempts to open a subscription that failed. */
  failed: number;
}

/** The first wait after an end, in ms, ±50 %. Each further end soon after an opening doubles the wait. */
const FIRST_WAIT_MS = 1_000;
/** The longest wait before the jitter, in ms. */
const LONGEST_WAIT_MS = 30_000;
/** A subscription that lasted as long as this, in ms, was a success: the next wait is the first one again. */
const SUCCESS_MS = 30_000;
/** A subscription without a message for this long, in ms, is opened again, because the connection may be dead. */
export const SILENCE_MS = 300_000;
/** The shortest time between two lines of the log about refused messages, in ms. */
const LOG_EVERY_MS = 60_000;

/**
 * Starts to listen. The function returns at once; the subscription opens in the background, and `onGap` tells when. 1
 * request and 1 command for each opening; messages cost nothing.
 *
 * Only for processes that live long, such as a Node server. A Worker ends a subscription together with the request that
 * opened it, and a Lambda is frozen between two requests.
 */
export function listen({ subscribe, system, log }: ListenServices, { receivers, onGap }: ListenOptions): Listener {
  const keys = [...new Set(receivers.map(({ channel }) => channel.key))];
  const counts: ListenerCounts = { received: 0, refused: 0, opened: 0, failed: 0 };
  let isClosed = false;
  /** Ends the present subscription or the present wait. */
  let stop = () => {};
  let loggedAt = Number.NEGATIVE_INFINITY;

  /** Calls a function of the owner. Its error must not end the listener. */
  function call(run: () => void): void {
    try {
      run();
    } catch (error) {
      log.error('channel.receiver_failed', { error });
    }
  }

  function take(key: string, text: string): void {
    // The connection of a closed listener may bring messages until Redis has noticed its end.
    if (isClosed) return;
    const these = receivers.filter(({ channel }) => channel.key === key);
    const channel = these[0]?.channel;
    if (!channel) return;
    const read = readMessage(channel, text);
    if ('message' in read) {
      counts.received += 1;
      for (const { handle } of these) call(() => handle(read.message));
      return;
    }
    counts.refused += 1;
    if (system.now() - loggedAt >= LOG_EVERY_MS) {
      loggedAt = system.now();
      log.warn('channel.message_refused', { channel: channel.name, at: read.at, refused: counts.refused });
    }
    // A release may not know the messages of the next release, so the content of this message is lost.
    call(onGap);
  }

  /** Opens a subscription and waits for its end. Returns the end, and how long the subscription lasted in ms. */
  async function listenOnce(): Promise<{ end: 'failed' | 'ended' | 'silent'; lastedMs: number }> {
    const over = Promise.withResolvers<'ended' | 'silent'>();
    stop = () => over.resolve('ended');
    let heardAt = system.now();
    // Messages may arrive before the next line after `await` runs. They wait until the gap before them is reported.
    let early: [key: string, text: string][] | null = [];
    let subscription: Subscription;
    try {
      subscription = await subscribe(keys, {
        onMessage(key, text) {
          heardAt = system.now();
          if (early) early.push([key, text]);
          else take(key, text);
        },
        onEnd: () => over.resolve('ended'),
      });
    } catch (error) {
      counts.failed += 1;
      log.warn('channel.not_opened', { error, failed: counts.failed });
      return { end: 'failed', lastedMs: 0 };
    }
    const openedAt = system.now();
    counts.opened += 1;
    if (!isClosed) call(onGap);
    const waiting = early;
    early = null;
    for (const [key, text] of waiting) take(key, text);

    let stopTimer = () => {};
    function watch(ms: number): void {
      stopTimer = system.timer(ms, () => {
        const silentMs = system.now() - heardAt;
        if (silentMs >= SILENCE_MS) over.resolve('silent');
        else watch(SILENCE_MS - silentMs);
      });
    }
    watch(SILENCE_MS);
    const end = await over.promise;
    stopTimer();
    subscription.close();
    return { end, lastedMs: system.now() - openedAt };
  }

  async function listenUntilClosed(): Promise<void> {
    let failures = 0;
    while (!isClosed) {
      const { end, lastedMs } = await listenOnce();
      if (isClosed) return;
      failures = lastedMs >= SUCCESS_MS ? 0 : failures + 1;
      if (end === 'silent') continue;
      const ms = Math.min(FIRST_WAIT_MS * 2 ** Math.max(0, failures - 1), LONGEST_WAIT_MS) * (0.5 + system.random());
      await new Promise<void>((resolve) => {
        const stopTimer = system.timer(ms, resolve);
        stop = () => {
          stopTimer();
          resolve();
        };
      });
    }
  }

  listenUntilClosed().catch((error: unknown) => log.error('channel.listener_failed', { error }));
  return {
    counts,
    close() {
      isClosed = true;
      stop();
    },
  };
}

function readMessage({ schema }: Channel, text: string): { message: unknown } | { at: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { at: 'the message' };
  }
  const checked = schema.safeParse(value);
  return checked.success ? { message: checked.data } : { at: fieldsOf(checked.error) };
}
