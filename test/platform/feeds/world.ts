/**
 * Connections of feeds over a REST server of the suite's own: with a clock that the test moves, steps at which the test
 * can publish, and lost messages.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type ConnectionOptions, connection } from '../../../src/platform/feeds/connection.ts';
import { createFeeds, feed, feedHandler } from '../../../src/platform/feeds/index.ts';
import { streamKey } from '../../../src/platform/feeds/lua.ts';
import { readCursor } from '../../../src/platform/feeds/position.ts';
import { publishNow } from '../../../src/platform/feeds/publish.ts';
import { topicOf } from '../../../src/platform/feeds/topic.ts';
import { createNodeFetch } from '../../../src/platform/keep-alive-fetch.ts';
import { createLog } from '../../../src/platform/log.ts';
import type { OutboxEntry, Transaction } from '../../../src/platform/outbox/index.ts';
import {
  createBreaker,
  createRedisMeter,
  createSubscribe,
  createTransport,
  RedisClient,
} from '../../../src/platform/redis/index.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { startRest, TOKEN } from '../../support/rest.ts';
import { type Frame, frameOf } from '../../support/sse.ts';

const event = z.object({ n: z.number() });
const base = { access: null, event, description: 'numbers' } as const;
/** Feeds of the tests. `quiet` has no presence. */
export const quiet = feed('quiet', { ...base, audience: 'tenant' });
export const other = feed('other', { ...base, audience: 'tenant' });
export const board = feed('board', { ...base, audience: 'tenant', presence: true });
const feeds = createFeeds([quiet, other, board]);

export const CHECK_MS = 60_000;
export const HEARTBEAT_MS = 20_000;
export const AGE_MS = 600_000;

/** The steps of a connection at which a test can act. */
export interface Steps {
  beforeSubscribe?(): Promise<unknown>;
  afterSubscribe?(): Promise<unknown>;
  beforeCheck?(): Promise<unknown>;
  afterCheck?(): Promise<unknown>;
  /** The subscription has ended. */
  onEnd?(): void;
}

export type FeedWorld = Awaited<ReturnType<typeof startFeedWorld>>;

/** Starts a REST server and its Redis. */
export async function startFeedWorld() {
  const { rest, close } = await startRest();
  const nodeFetch = createNodeFetch();

  /** A tenant with connections. */
  function tenant(id = `t-${randomBytes(6).toString('hex')}`) {
    const clock = manualClock();
    const { system } = clock;
    const now = () => system.now();
    const meter = createRedisMeter();

    function client(steps: Steps = {}) {
      const redis = new RedisClient(
        createTransport({
          ...{ url: rest.url, token: TOKEN, meter, breaker: createBreaker({ now }), now, timeout: 30_000 },
          async fetch(url, request) {
            const isCheck = request.body.includes(':pr:');
            if (isCheck) await steps.beforeCheck?.();
            const answer = await nodeFetch(url, request);
            if (isCheck) await steps.afterCheck?.();
            return answer;
          },
        }),
      );
      const inner = createSubscribe({ url: rest.url, token: TOKEN, fetch, system, timeoutMs: 30_000, meter });
      const subscribe: typeof inner = async (channels, subscriber) => {
        await steps.beforeSubscribe?.();
        const subscription = await inner(channels, {
          onMessage: subscriber.onMessage,
          onEnd() {
            subscriber.onEnd();
            steps.onEnd?.();
          },
        });
        await steps.afterSubscribe?.();
        return subscription;
      };
      return { redis, subscribe };
    }

    const own = client();
    return {
      id,
      clock,
      meter,
      redis: own.redis,
      publish: (n: number, to = quiet) => publishNow({ redis: own.redis, system, tenant: id }, to, { n }),
      /** Returns the outbox entry that a write adds. */
      entryOf(write: (tx: Pick<Transaction, 'tenant' | 'addToOutbox'>) => void): OutboxEntry {
        const entries: OutboxEntry[] = [];
        write({
          tenant: id,
          addToOutbox: (_kind, payload) => entries.push({ id: system.rowId('out'), tenant: id, payload }),
        });
        const [entry] = entries;
        if (!entry || entries.length > 1) throw new Error(`The write added ${entries.length} entries`);
        return entry;
      },
      /** Handles outbox entries as the writer and the drain do. */
      handle: feedHandler({ redis: own.redis }),
      /** Publishes many events in one command, as many publishers do. */
      publishMany: (count: number) =>
        own.redis.eval(
          `local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
           for n = 1, ARGV[1] do
             local data = '{"n":' .. n .. '}'
             local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', 1000, string.match(last[1], '^%d+') .. '-*', 'n', 'many', 'd', data)
             redis.call('PUBLISH', KEYS[1], id .. ' many ' .. last[2][2] .. ' ' .. data)
             last = { id, { 'n', 'many' } }
           end
           return 1`,
          [streamKey(id, quiet.name, undefined)],
          [count],
        ),
      /** Opens a connection. The frames come as the caller takes them. */
      connect(
        topics: string,
        options: Partial<Pick<ConnectionOptions, 'entry' | 'callerId' | 'connection' | 'isStillValid'>> & {
          cursor?: string | undefined;
          steps?: Steps;
          mode?: 'stream' | 'poll';
          connections?: number;
          checkMs?: number;
        } = {},
      ) {
        const { cursor, steps, mode = 'stream', connections = 8, checkMs = CHECK_MS, ...rest } = options;
        const left = new AbortController();
        const frames = connection(
          { ...client(steps), system, log: createLog({ now, write: () => {} }) },
          {
            tenant: id,
            callerId: 'user_1',
            entry: null,
            connection: system.token(),
            topics: topics.split(',').map((text) => {
              const topic = topicOf(feeds, id, 'user_1', text);
              if (!topic) throw new Error(`No topic ${text}`);
              return topic;
            }),
            settings: {
              FEEDS_MODE: mode,
              FEEDS_CHECK_MS: checkMs,
              FEEDS_HEARTBEAT_MS: HEARTBEAT_MS,
              FEEDS_AGE_MS: AGE_MS,
              FEEDS_CONNECTIONS: connections,
            },
            cursor: cursor === undefined ? null : readCursor(cursor),
            signal: left.signal,
            ...rest,
          },
        );
        return readerOf(frames, left);
      },
    };
  }

  return { rest, tenant, close };
}

export type Reader = ReturnType<typeof readerOf>;

function readerOf(frames: AsyncGenerator<string, void, void>, left: AbortController) {
  let cursor: string | undefined;
  async function next(): Promise<Frame | null> {
    const { done, value } = await frames.next();
    if (done) return null;
    const frame = frameOf(value.trimEnd());
    cursor = frame.id ?? cursor;
    return frame;
  }
  return {
    next,
    /** Returns the next event as `name data`, without heartbeats; `null` at the end. */
    async event(): Promise<string | null> {
      for (let frame = await next(); frame; frame = await next()) {
        if (frame.event !== undefined) return `${frame.event} ${frame.data}`;
      }
      return null;
    },
    /** The id of the last frame. */
    get cursor() {
      return cursor;
    },
    /** Leaves, and returns when the connection has ended. */
    async leave() {
      left.abort();
      await frames.return();
    },
  };
}

/** Takes `count` events. */
export async function take(reader: Reader, count: number): Promise<(string | null)[]> {
  const taken: (string | null)[] = [];
  while (taken.length < count) taken.push(await reader.event());
  return taken;
}

/** Takes events up to and including `last`. */
export async function takeUntil(reader: Reader, last: string): Promise<(string | null)[]> {
  const taken: (string | null)[] = [];
  while (taken.at(-1) !== last && taken.at(-1) !== null) taken.push(await reader.event());
  return taken;
}
