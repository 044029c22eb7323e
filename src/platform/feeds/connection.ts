/**
 * One connection of `GET /feeds`, as a generator of frames. The order of the first steps is the guarantee: subscribe,
 * wait for the confirmation, then read the streams after the cursor. So each event is in the streams, or arrives by the
 * subscription, or both; an event that arrives twice is recognized by its id.
 *
 * Later every event must follow its predecessor by number. A gap, a lost subscription or a full inbox leads to a check,
 * which reads the streams again. A check also runs at regular times, so a lost message at the end of a burst, a dead
 * subscription and an ended session are noticed too.
 *
 * The browser pulls the frames. While a slow browser does not pull, no frame is made and no check runs, and memory holds
 * at most one page of entries of each topic and the inbox.
 */
import type { Log } from '../log.ts';
import { type RedisClient, RedisError, type Subscribe } from '../redis/index.ts';
import type { System } from '../system.ts';
import { createAlarm } from './alarm.ts';
import { type Checked, type ConnectionIdentity, checkConnection, leaveRooms } from './check.ts';
import type { Message } from './inbox.ts';
import { compareWith, type Position } from './position.ts';
import type { FeedSettings } from './settings.ts';
import { endingsChannel, type Topic } from './topic.ts';
import { createUpstream } from './upstream.ts';
import { type ByeReason, byeFrame, eventFrame, heartbeatFrame, helloFrame, resetFrame } from './wire.ts';

/** The services of a connection. */
export interface ConnectionServices {
  redis: RedisClient;
  system: System;
  log: Log;
  subscribe: Subscribe;
}

/** The options of a connection. */
export interface ConnectionOptions extends ConnectionIdentity {
  settings: FeedSettings;
  /** The positions of the browser's cursor; `null` if the browser sent none. */
  cursor: ReadonlyMap<string, Position> | null;
  /** Aborts when the browser has left. */
  signal: AbortSignal;
  /** Verifies credentials that the check cannot verify, such as an API key. Default: always valid. */
  isStillValid?(): Promise<boolean>;
}

/** The wait of a browser before it connects again, in ms, ±40 %: after a stream, and after an answer in poll mode. */
const RETRY_MS = { stream: 3_500, poll: 5_000 };
/** The wait of a browser with too many connections, in ms. */
const LIMIT_RETRY_MS = 60_000;
/** The wait of a browser while Redis does not answer, in ms, ±50 %. */
const UNAVAILABLE_RETRY_MS = 10_000;
/** After a failed check, the connection checks once more after this time, in ms, ±50 %. */
const RECHECK_MS = 1_000;
/**
 * After the announced end of a place in a room, one connection checks within this time, in ms. Ends that are closer
 * together share a check.
 */
const AFTER_LEAVING_MS = 500;

/** Returns the frames of a connection. In stream mode the last step ends the connection's places in rooms. */
export async function* connection(
  services: ConnectionServices,
  options: ConnectionOptions,
): AsyncGenerator<string, void, void> {
  const { system, log } = services;
  const { settings, topics, signal, cursor } = options;
  const mode = settings.FEEDS_MODE;
  const alarm = createAlarm(system);
  const upstream = createUpstream(services, channelsOf(options), alarm.ring);
  const topicOfStream = new Map<string, Topic>(topics.map((topic) => [topic.stream, topic]));
  const positions = new Map<string, Position>();
  for (const { text } of topics) {
    const position = cursor?.get(text);
    if (position) positions.set(text, position);
  }

  const began = system.now();
  const endsAt = Math.min(began + between(settings.FEEDS_AGE_MS, 0.8, 1), options.entry?.expiresAt ?? Infinity);
  let checksAt = began;
  /** When this connection has to check that others have left their rooms. */
  let leavingsAt: readonly number[] = [];
  let beatsAt = began;
  const counts = { events: 0, checks: 0 };
  let failures = 0;
  let reason = 'left' as ByeReason | 'left' | 'polled';

  function between(ms: number, least: number, most: number): number {
    return ms * (least + (most - least) * system.random());
  }

  function bye(why: ByeReason, retryMs?: number): string {
    reason = why;
    return byeFrame(why, retryMs);
  }

  /** Checks the connection. Returns `null` if Redis does not answer. */
  async function check(): Promise<Checked | null> {
    counts.checks += 1;
    leavingsAt = leavingsAt.filter((time) => time > system.now());
    checksAt = system.now() + between(settings.FEEDS_CHECK_MS, 0.8, 1.2);
    const limits =
      mode === 'stream'
        ? { livesMs: settings.FEEDS_CHECK_MS * 2.5, mostConnections: settings.FEEDS_CONNECTIONS }
        : { livesMs: RETRY_MS.poll * 4, mostConnections: 0 };
    try {
      const [checked, isValid = true] = await Promise.all([
        checkConnection(services, options, positions, limits),
        options.isStillValid?.(),
      ]);
      failures = 0;
      return isValid ? checked : { admission: 'ended', topics: [], present: {} };
    } catch (error) {
      if (!(error instanceof RedisError)) throw error;
      failures += 1;
      checksAt = system.now() + between(RECHECK_MS, 0.5, 1.5);
      return null;
    }
  }

  /** Returns the last frame if the connection may not go on. */
  function refusalOf({ admission }: Checked): string | null {
    if (admission === 'ended') return bye('session');
    if (admission === 'full') return bye('limit', LIMIT_RETRY_MS);
    return admission === 'moved' ? bye('age', 0) : null;
  }

  /** Returns the frames of the entries that a check has read. If more entries follow than a page, the next check follows at once. */
  function* framesOf(checked: Checked): Generator<string> {
    for (const { topic, state, position, entries, more } of checked.topics) {
      positions.set(topic.text, position);
      if (state !== 'ok' && state !== 'tip') yield resetFrame(positions, topic.text, state);
      for (const { id, nonce, data } of entries) {
        positions.set(topic.text, { id, nonce });
        yield frameOf(topic, data);
      }
      if (more) checksAt = began;
    }
  }

  function frameOf(topic: Topic, data: string): string {
    counts.events += 1;
    const leavesAt = topic.room === null ? null : endOfPlace(data, options.connection);
    if (leavesAt !== null) {
      leavingsAt = [...new Set([...leavingsAt, Math.ceil(leavesAt / AFTER_LEAVING_MS) * AFTER_LEAVING_MS])];
    }
    return eventFrame(positions, topic.text, data);
  }

  /** Returns the frame of a message; `null` if the message is known, or leads to a check. */
  function receive({ channel, text }: Message): string | null {
    const topic = topicOfStream.get(channel);
    const position = topic && positions.get(topic.text);
    const [, id, nonce = '', previous = '', data = ''] = /^(\d+-\d+) (\S+) (\S+) ([\s\S]*)$/.exec(text) ?? [];
    // Any other message says that sessions of this user or tenant have ended.
    const order = topic && position && id !== undefined ? compareWith(position, { id, nonce, previous }) : 'gap';
    if (order === 'gap') checksAt = began;
    if (order !== 'next' || !topic || id === undefined) return null;
    positions.set(topic.text, { id, nonce });
    return frameOf(topic, data);
  }

  signal.addEventListener('abort', alarm.ring);
  // A browser that never reads must not keep the subscription.
  const stopTimer = system.timer(endsAt - began, upstream.close);
  try {
    if (mode === 'stream') await upstream.open();
    const first = await check();
    const refusal = first ? refusalOf(first) : bye('unavailable', between(UNAVAILABLE_RETRY_MS, 0.5, 1.5));
    if (!first || refusal !== null) {
      if (refusal !== null) yield refusal;
      return;
    }
    // The frame of a reset moves the position. If the connection breaks before that frame, the reset comes again.
    for (const { topic, state, position } of first.topics) {
      if (state === 'ok' || state === 'tip') positions.set(topic.text, position);
    }
    beatsAt = system.now() + settings.FEEDS_HEARTBEAT_MS;
    yield helloFrame(positions, between(RETRY_MS[mode], 0.6, 1.4), {
      resumed: first.topics.every(({ state }) => state === 'ok'),
      topics: topics.map(({ text }) => text),
      heartbeatMs: settings.FEEDS_HEARTBEAT_MS,
      until: Math.round(endsAt),
      mode,
      present: first.present,
    });
    yield* framesOf(first);

    while (!signal.aborted) {
      const now = system.now();
      if (now >= endsAt) return yield bye('age', between(1_000, 0, 1));
      if (upstream.takeLoss()) checksAt = now;
      const nextCheck = Math.min(checksAt, ...leavingsAt);
      if (now >= nextCheck) {
        const checked = await check();
        if (!checked && failures > 1) return yield bye('unavailable', between(UNAVAILABLE_RETRY_MS, 0.5, 1.5));
        const refusal = checked && refusalOf(checked);
        if (refusal !== null) return yield refusal;
        if (!checked) continue;
        upstream.afterCheck(checked.topics.some(({ entries }) => entries.length > 0));
        yield* framesOf(checked);
        continue;
      }
      if (mode === 'poll') {
        reason = 'polled';
        return;
      }
      const message = upstream.take();
      const frame = message ? receive(message) : now >= beatsAt ? heartbeatFrame(positions) : null;
      if (frame !== null) {
        beatsAt = now + settings.FEEDS_HEARTBEAT_MS;
        yield frame;
      } else if (!message) {
        await alarm.until(Math.min(nextCheck, beatsAt, endsAt, upstream.opensAt));
        await upstream.open();
      }
    }
  } finally {
    signal.removeEventListener('abort', alarm.ring);
    stopTimer();
    upstream.close();
    if (mode === 'stream') {
      // A browser comes back after an end by age, so its rooms need not hear of it.
      await leaveRooms(services, options, reason !== 'age').catch((error: unknown) =>
        log.warn('feeds.not_left', { error }),
      );
    }
    log.info('feeds.closed', { reason, ...counts, ms: system.now() - began });
  }
}

/** The channels of the topics, and the channels that tell of ended sessions. */
function channelsOf({ tenant, entry, topics }: ConnectionIdentity) {
  const endings = entry === null ? [] : [endingsChannel(tenant, ''), endingsChannel(tenant, entry.bucket)];
  return [...topics.map(({ stream }) => stream), ...endings];
}

/** Returns when a place in a room ends that this connection has to check, in ms since the epoch; `null` otherwise. */
function endOfPlace(data: string, connection: string): number | null {
  const event = JSON.parse(data) as { type?: unknown; at?: unknown; checkedBy?: unknown } | null;
  if (event?.type !== 'presence.leaving' || event.checkedBy !== connection) return null;
  return typeof event.at === 'number' ? event.at : null;
}
