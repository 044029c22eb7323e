/** The connection of the leader: it reads the stream, and connects again from the cursor after every end. */
import { type Block, readEventStream } from './event-stream.ts';
import type { Message } from './messages.ts';
import type { BrowserParts } from './parts.ts';

/** The server that the connection goes to. */
export interface Server {
  url: string;
  fetch: typeof fetch;
  /** Returns a bearer token; it is called for each connection. Without it, the browser sends its cookies. */
  token?: (() => string | Promise<string>) | undefined;
}

/** The tabs that the connection serves. */
export interface Tabs {
  /** The topics of all tabs. */
  wanted(): Promise<string[]>;
  /** The topics that the last connection delivered. */
  live(): readonly string[];
  /** The position to continue from; undefined at first. */
  cursor(): string | undefined;
  /** Sends a message to all tabs, this one included. */
  tell(message: Message): void;
  /** Notes that the connection is alive. */
  heard(): void;
}

/** A connection that stays open until its end. */
export interface Connection {
  /** Connects again if a tab wants a topic that the connection does not deliver; otherwise sends the tabs its state. */
  refresh(): Promise<void>;
  /** Ends a pause. */
  nudge(): void;
  /** Drops the present stream, and connects at once. */
  reconnect(): void;
  end(): void;
}

const DEFAULT_RETRY_MS = 3_000;
const LONGEST_BACKOFF_MS = 30_000;

/** Connects, and stays connected until `end` or a `stop` of the server. */
export function openConnection({ url, fetch: send, token }: Server, tabs: Tabs, parts: BrowserParts): Connection {
  let hasEnded = false;
  /** Attempts in a row that did not reach `hello`. */
  let failures = 0;
  let refusedTokens = 0;
  let retryMs = DEFAULT_RETRY_MS;
  let asked: string[] = [];
  let open: (Message & { kind: 'open' }) | undefined;
  let request = new AbortController();
  let isRestarted = false;
  let endPause = () => {};

  /** Connects once, and reads to the end of the stream. Returns the pause before the next attempt in ms. */
  async function attempt(): Promise<number> {
    request = new AbortController();
    isRestarted = false;
    /** Whether the server announced the end of the stream, so that nothing is wrong. */
    let isPlanned = false;
    let hasHello = false;
    let after: string | undefined;
    let leastPause = 0;

    function onBlock({ id, event, data }: Block): void {
      const body = data === undefined ? undefined : JSON.parse(data);
      if (event === 'hello') {
        hasHello = true;
        failures = refusedTokens = 0;
        isPlanned = body.mode === 'poll';
        const { heartbeatMs, present = {} } = body;
        open = { kind: 'open', topics: asked, cursor: id, heartbeatMs, present };
        tabs.tell(after ? open : { ...open, fresh: asked });
      } else if (event === 'bye') {
        if (body.why === 'session') tabs.tell({ kind: 'stop', why: 'signed-out' });
        isPlanned = body.why === 'age';
        leastPause = body.retryMs ?? 0;
      } else {
        if (open) open.cursor = id;
        tabs.tell({ kind: 'block', event, cursor: id, body, people: peopleAfter(event, body) });
      }
    }

    try {
      asked = await tabs.wanted();
      // Until a tab wants a topic, there is nothing to ask for.
      if (asked.length === 0) return LONGEST_BACKOFF_MS;
      after = tabs.cursor();
      const query = new URLSearchParams({ topics: asked.join(), ...(after && { after }) });
      const response = await send(`${url}?${query}`, {
        headers: { accept: 'text/event-stream', ...(token && { authorization: `Bearer ${await token()}` }) },
        cache: 'no-store',
        signal: request.signal,
      });
      const { status } = response;
      if (status === 204) tabs.tell({ kind: 'stop', why: 'signed-out' });
      else if (status === 200 && response.body) {
        const read = readEventStream(onBlock, (ms) => {
          retryMs = ms;
        });
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (;;) {
          const { done, value } = await reader.read();
          if (done || hasEnded) break;
          tabs.heard();
          read(value);
        }
      } else {
        void response.body?.cancel();
        leastPause = Number(response.headers.get('retry-after')) * 1_000 || 0;
        refuse(status);
      }
    } catch {
      // The network failed, or the request was aborted.
    }
    if (hasEnded || isRestarted) return 0;
    if (!isPlanned) open = undefined;
    const ms = hasHello || isPlanned ? retryMs : backoff();
    tabs.tell({ kind: 'pause', ms: Math.max(ms, leastPause), isLost: !isPlanned });
    return Math.max(ms, leastPause);
  }

  /** Notes who has come or gone. Returns the people of the topic after a presence event. */
  function peopleAfter(topic: string, body: { type?: string; userId: string } | undefined): string[] | undefined {
    if (!open || !body?.type?.startsWith('presence.')) return;
    const others = (open.present[topic] ?? []).filter((each) => each !== body.userId);
    const people = body.type === 'presence.left' ? others : [...others, body.userId];
    open.present[topic] = people;
    return people;
  }

  /** Closes the tabs whose topics the server refuses for good: those with a new topic; all tabs if no topic is new. */
  function refuse(status: number): void {
    if (status >= 500 || status === 408 || status === 429) return;
    refusedTokens += 1;
    if (status === 401 && token && refusedTokens === 1) return;
    const added = asked.filter((topic) => !tabs.live().includes(topic));
    tabs.tell({ kind: 'stop', why: 'refused', ...(status !== 401 && added.length > 0 && { topics: added }) });
  }

  /**
   * Returns a pause that doubles with each failure, and is shortened at random by up to a half. The server's own
   * `retry` may be 0, so the first pause is based on at least a second.
   */
  function backoff(): number {
    const most = Math.min(LONGEST_BACKOFF_MS, Math.max(retryMs, 1_000) * 2 ** failures);
    failures += 1;
    return most * (0.5 + parts.random() / 2);
  }

  async function run(): Promise<void> {
    while (!hasEnded) {
      const ms = await attempt();
      if (hasEnded || ms === 0) continue;
      await new Promise<void>((resolve) => {
        const timer = parts.setTimeout(resolve, ms);
        endPause = () => {
          parts.clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  function reconnect(): void {
    isRestarted = true;
    request.abort();
    endPause();
  }

  void run();
  return {
    async refresh() {
      const wanted = await tabs.wanted();
      if (hasEnded) return;
      if (wanted.some((topic) => !asked.includes(topic))) reconnect();
      else if (open) tabs.tell(open);
      else endPause();
    },
    nudge: () => endPause(),
    reconnect,
    end() {
      hasEnded = true;
      reconnect();
    },
  };
}
