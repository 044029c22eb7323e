/**
 * Reads messages of Redis channels over server-sent events: the `/subscribe` endpoint of Upstash's REST API. The
 * subscriber of @upstash/redis opens one connection for each channel, and does not report the end of a stream. This reader
 * opens one connection for all channels, has a time limit, and reports the end.
 *
 * A subscription may end at any moment, and messages may be lost before its end is noticed. So a reader must be able to
 * find lost messages elsewhere, as feeds do in their streams.
 */
import type { System } from '../system.ts';
import { commandError, RedisError } from './errors.ts';
import type { RedisKey } from './keys.ts';
import type { RedisMeter } from './meter.ts';
import { type Refused, refusalIn } from './refusal-notes.ts';

/** The receiver of a subscription. */
export interface Subscriber {
  /** Receives each message. Must return soon, because the next message waits. */
  onMessage(channel: string, message: string): void;
  /** Is called once if the stream ends, for any reason except {@link Subscription.close}. */
  onEnd(): void;
}

/** A running subscription. */
export interface Subscription {
  /** Ends the subscription and its connection. A repeated call does no harm. */
  close(): void;
}

/**
 * Subscribes to channels. Resolves when Redis has confirmed all channels, so that no later message is missed while the
 * stream lasts. 1 request, 1 command.
 * @throws {RedisError} `REDIS_TIMEOUT` without a confirmation in time, `REDIS_UNAUTHORIZED`, `REDIS_NOPERM`
 * or `REDIS_COMMAND` if Redis refuses the subscription, or `REDIS_UNAVAILABLE`.
 */
export type Subscribe = (channels: readonly RedisKey[], subscriber: Subscriber) => Promise<Subscription>;

/** The connection of subscriptions. */
export interface SubscribeOptions {
  /** Base URL of the REST endpoint. */
  url: string;
  /** Bearer token of the REST endpoint. */
  token: string;
  fetch: typeof fetch;
  system: Pick<System, 'timer'>;
  /** Counts each subscription as 1 request and 1 command. */
  meter?: RedisMeter;
  /** Receives a subscription that Redis refuses. */
  onRefused?(refused: Refused): void;
  /** Time limit for the confirmation of all channels, in ms. */
  timeoutMs: number;
}

/** The longest line that is kept, in UTF-16 code units. A longer line ends the stream, so that memory is bounded. */
const LONGEST_LINE = 1_048_576;

/** Creates the function that subscribes, without I/O. */
export function createSubscribe({
  url,
  token,
  fetch: send,
  system,
  timeoutMs,
  meter,
  onRefused,
}: SubscribeOptions): Subscribe {
  const base = url.replace(/\/+$/, '');

  return async function subscribe(channels, subscriber) {
    const connection = new AbortController();
    let state: 'connecting' | 'open' | 'closed' = 'connecting';
    const confirmed = Promise.withResolvers<void>();
    // A failure may come after the time limit, when no caller waits for the confirmation any more.
    confirmed.promise.catch(() => {});
    const stopTimer = system.timer(timeoutMs, () =>
      end(new RedisError('REDIS_TIMEOUT', 'Redis did not confirm a subscription within the time limit')),
    );

    function end(reason: RedisError): void {
      if (state === 'closed') return;
      const wasOpen = state === 'open';
      close();
      if (wasOpen) subscriber.onEnd();
      else confirmed.reject(reason);
    }

    function close(): void {
      state = 'closed';
      stopTimer();
      connection.abort();
    }

    const waiting = new Set<string>(channels);
    function receive(event: string): void {
      const [, kind = '', channel = '', rest = ''] = /^(\w+),([^,]*),([\s\S]*)$/.exec(event) ?? [];
      if (kind === 'message' && state !== 'closed') subscriber.onMessage(channel, rest);
      if (kind !== 'subscribe') return;
      waiting.delete(channel);
      if (waiting.size > 0 || state !== 'connecting') return;
      state = 'open';
      stopTimer();
      confirmed.resolve();
    }

    async function read(): Promise<void> {
      if (meter) {
        meter.requests += 1;
        meter.commands += 1;
      }
      const path = channels.map(encodeURIComponent).join('/');
      const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
      const response = await send(`${base}/subscribe/${path}`, { method: 'POST', headers, signal: connection.signal });
      if (response.status === 401) throw new RedisError('REDIS_UNAUTHORIZED', 'Redis refused the REST token');
      if (response.status === 400) {
        const error = await refusalOf(response);
        const refused = refusalIn(error);
        if (refused) onRefused?.(refused);
        throw error;
      }
      if (!response.ok || !response.body) {
        await response.body?.cancel();
        throw new RedisError('REDIS_UNAVAILABLE', `Redis answered HTTP ${response.status}`);
      }
      for await (const event of eventsOf(response.body)) receive(event);
      throw new RedisError('REDIS_UNAVAILABLE', 'Redis ended a subscription');
    }

    read().catch((error: unknown) =>
      end(error instanceof RedisError ? error : new RedisError('REDIS_UNAVAILABLE', 'A subscription broke off')),
    );
    await confirmed.promise;
    return { close };
  };
}

/** Returns the error of a refused subscription: `REDIS_NOPERM` if our user may not subscribe to one of the channels. */
async function refusalOf(response: Response): Promise<RedisError> {
  const { error } = (await response.json().catch(() => ({}))) as { error?: unknown };
  return commandError('SUBSCRIBE', String(error ?? 'ERR'));
}

/** Returns the data of each event of a stream. Fields other than `data` have no meaning here. */
async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) return;
      for (const ended of lines) {
        const line = ended.endsWith('\r') ? ended.slice(0, -1) : ended;
        if (line.startsWith('data:')) data.push(line.slice(line.charAt(5) === ' ' ? 6 : 5));
        else if (line === '' && data.length > 0) {
          yield data.join('\n');
          data = [];
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
