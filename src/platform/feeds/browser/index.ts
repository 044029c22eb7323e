/**
 * Live updates in a browser: the client of `GET /feeds`. The tabs of a browser share one connection: one tab reads the
 * stream, and passes its events on to the others. The connection continues from its last position after every end, also
 * in another tab, so that no event is lost without a `reset`.
 *
 * It reads the stream with `fetch`, because `EventSource` does not notice a connection that died without an end (after
 * sleep, or in another network), does not show the status of a refusal, and cannot send a bearer token.
 */
import { type Connection, openConnection } from './connection.ts';
import { joinTabs } from './leadership.ts';
import type { Message } from './messages.ts';
import type { FeedEvent, FeedOptions, FeedReset, FeedState, Feeds } from './options.ts';
import { browserParts } from './parts.ts';

export type { FeedEvent, FeedOptions, FeedReset, FeedState, Feeds } from './options.ts';
export type { BrowserParts, Channel } from './parts.ts';

/** The server sends a frame in each heartbeat interval; a connection counts as dead after 2.5 intervals of silence. */
const SILENT_INTERVALS = 2.5;
/** The ids of the last events, by which an event that arrives again is recognised. */
const REMEMBERED_EVENTS = 100;

/** Connects a tab to topics. */
export function connectFeeds(options: FeedOptions): Feeds {
  const { url, onEvent, onReset, onPresence, onState, token } = options;
  const parts = { ...browserParts(), ...options.parts };
  const { locks, openChannel } = parts;
  const server = { url, fetch: options.fetch ?? fetch, token };
  const shareAs = options.shareAs ?? (token ? undefined : url);
  const name = `feeds:${encodeURIComponent(shareAs ?? '')}`;

  let topics = [...new Set(options.topics)];
  const started = new Set<string>();
  const recent = new Set<string>();
  let state: FeedState | undefined;
  let live: readonly string[] = [];
  let cursor: string | undefined;
  let heardAt = parts.now();
  let patienceMs = 50_000;
  let timer: unknown;
  let connection: Connection | undefined;

  const isShared = shareAs !== undefined && locks !== undefined && openChannel !== undefined;
  const channel = isShared ? openChannel(name) : undefined;
  let tabs = isShared ? joinTabs(locks, name, lead) : undefined;

  function lead(): () => void {
    const wanted = async () => (tabs ? tabs.topicsOfAll() : topics);
    const served = { wanted, live: () => live, cursor: () => cursor, tell, heard };
    const own = openConnection(server, served, parts);
    connection = own;
    return () => {
      own.end();
      if (connection === own) connection = undefined;
    };
  }

  function tell(message: Message): void {
    if (isFinal()) return;
    channel?.postMessage(message);
    receive(message);
  }

  function heard(): void {
    heardAt = parts.now();
  }

  function receive(message: Message): void {
    if (isFinal()) return;
    if (message.kind === 'join') {
      void connection?.refresh();
      return;
    }
    if (message.kind === 'nudge') {
      connection?.nudge();
      return;
    }
    heard();
    if (message.kind === 'stop') {
      if (!message.topics || message.topics.some((topic) => topics.includes(topic))) end(message.why);
    } else if (message.kind === 'pause') {
      heardAt += message.ms;
      if (message.isLost) setState('waiting');
    } else {
      cursor = message.cursor;
      if (message.kind === 'open') begin(message);
      else deliver(message);
    }
  }

  function begin(message: Message & { kind: 'open' }): void {
    live = message.topics;
    patienceMs = message.heartbeatMs * SILENT_INTERVALS;
    for (const topic of topics) {
      const userIds = message.present[topic];
      if (userIds) call(() => onPresence?.({ topic, userIds }));
      // A leader without a position, which took the place of one that slept, begins after events that this tab missed.
      const why = started.has(topic) ? 'lost' : 'start';
      if (!(why === 'lost' ? message.fresh : live)?.includes(topic)) continue;
      started.add(topic);
      call(() => onReset({ topic, why }));
    }
    if (topics.every((topic) => started.has(topic))) setState('open');
  }

  function deliver({ event, cursor: id, body, people }: Message & { kind: 'block' }): void {
    if (event === 'reset') {
      const { topic } = body as FeedReset;
      if (topics.includes(topic)) call(() => onReset(body as FeedReset));
    } else if (event && !recent.has(id)) {
      recent.add(id);
      for (const old of recent) if (recent.size > REMEMBERED_EVENTS) recent.delete(old);
      if (!topics.includes(event)) return;
      if (people) call(() => onPresence?.({ topic: event, userIds: people }));
      else call(() => onEvent({ topic: event, data: body as FeedEvent['data'] }));
    }
  }

  /** An error in the application's function must not end the connection. */
  function call(run: () => void): void {
    try {
      run();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  function setState(next: FeedState): void {
    if (state === next) return;
    state = next;
    call(() => onState?.(next));
  }

  function isFinal(): boolean {
    return state === 'signed-out' || state === 'refused' || state === 'closed';
  }

  /** After a long silence, the leader connects again, and a visible tab takes the place of a leader that sleeps. */
  function check(): void {
    parts.clearTimeout(timer);
    if (heardAt + patienceMs <= parts.now()) {
      heard();
      if (connection) connection.reconnect();
      else if (parts.isVisible()) tabs?.contend(true);
    }
    timer = parts.setTimeout(check, heardAt + patienceMs - parts.now());
  }

  const stopListening = parts.listen(
    () => connection?.reconnect(),
    () => {
      if (!parts.isVisible()) return;
      check();
      channel?.postMessage({ kind: 'nudge' } satisfies Message);
      connection?.nudge();
    },
  );

  function end(why: FeedState): void {
    if (isFinal()) return;
    setState(why);
    parts.clearTimeout(timer);
    stopListening();
    connection?.end();
    tabs?.end();
    channel?.close();
  }

  async function join(): Promise<void> {
    try {
      await tabs?.announce(topics);
    } catch {
      // Without access to storage, a frame has no locks.
      tabs = undefined;
    }
    if (isFinal()) return;
    channel?.postMessage({ kind: 'join' } satisfies Message);
    if (connection) await connection.refresh();
    else if (!tabs) lead();
  }

  if (channel) {
    channel.onmessage = ({ data }) => receive(data);
  }
  setState('connecting');
  check();
  void join().then(() => tabs?.contend(false));

  return {
    setTopics(next) {
      topics = [...new Set(next)];
      for (const topic of started) if (!topics.includes(topic)) started.delete(topic);
      if (!topics.every((topic) => started.has(topic))) setState('connecting');
      void join();
    },
    signedOut: () => tell({ kind: 'stop', why: 'signed-out' }),
    close: () => end('closed'),
  };
}
