/**
 * An isolate as the platform creates one, without the database: long-lived parts, and scopes that each have their own
 * transport and cache. Suites of the cache create several over one Redis.
 */
import {
  type Cache,
  createCache,
  createCacheStatistics,
  createMemory,
  type LoadContext,
} from '../../src/platform/cache/index.ts';
import type { Counters } from '../../src/platform/counters/index.ts';
import { createLog } from '../../src/platform/log.ts';
import { tellProcesses } from '../../src/platform/memory-channel.ts';
import {
  createBreaker,
  createRedisMeter,
  createTransport,
  RedisClient,
  type RedisMeter,
  type Sealer,
  type TransportFetch,
  type TransportOptions,
} from '../../src/platform/redis/index.ts';
import { realSystem, type System } from '../../src/platform/system.ts';
import { nodeFetch } from './node-fetch.ts';

export interface IsolateOptions {
  rest: { url: string; token: string };
  system?: Partial<System>;
  /** Long by default, so that a slow machine does not count as a slow Redis. */
  timeout?: number;
  /** The largest entry that is stored, in bytes. */
  largestEntry?: number;
  waitMs?: number;
  fetch?: TransportFetch;
  sealer?: Sealer;
  onRefused?: TransportOptions['onRefused'];
  /** Also counts in these counters. */
  counters?: Counters;
  /** Publishes invalidations; see `memory-channel.ts`. */
  memoryChannel?: boolean;
}

/** One scope: its cache and its cost so far. */
export interface TestScope {
  cache: Cache<LoadContext>;
  redis: RedisClient;
  meter: RedisMeter;
  /** The outcomes of reads, in order. */
  outcomes: string[];
  /** Waits for the work after the response. */
  settled(): Promise<void>;
}

const silentLog = createLog({ now: () => 0, write: () => {} });

let tenants = 0;

/** A new tenant, unique even on a Redis that other runs share. */
export function newTenant(): string {
  tenants += 1;
  return `t${realSystem
    .token()
    .replace(/[^A-Za-z0-9]/g, '')
    .toLowerCase()}${tenants}`;
}

export function createIsolate(options: IsolateOptions) {
  const system: System = { ...realSystem, ...options.system };
  const breaker = createBreaker({ now: () => system.now() });
  const statistics = createCacheStatistics(options.counters);
  const memory = createMemory();
  return {
    statistics,
    memory,
    breaker,
    scope(tenant: string): TestScope {
      const meter = createRedisMeter();
      const transport = createTransport({
        ...options.rest,
        meter,
        breaker,
        now: () => system.now(),
        timeout: options.timeout ?? 5_000,
        ...(options.onRefused ? { onRefused: options.onRefused } : {}),
        fetch: options.fetch ?? nodeFetch,
      });
      const redis = new RedisClient(transport);
      const pending: Promise<unknown>[] = [];
      const outcomes: string[] = [];
      const cache = createCache({
        context: { tenant },
        redis,
        system,
        statistics,
        memory,
        sealer: options.sealer ?? null,
        after: (work) => pending.push(work),
        onRead: (outcome) => outcomes.push(outcome),
        ...(options.memoryChannel && { tell: tellProcesses({ redis, log: silentLog }) }),
        ...(options.largestEntry === undefined ? {} : { largestEntry: options.largestEntry }),
        ...(options.waitMs === undefined ? {} : { waitMs: options.waitMs }),
      });
      return {
        cache,
        redis,
        meter,
        outcomes,
        async settled() {
          while (pending.length > 0) await Promise.all(pending.splice(0));
        },
      };
    },
  };
}

/** A promise and the functions that settle it: a barrier that the test opens. */
export type Barrier<Value = void> = PromiseWithResolvers<Value>;

export function barrier<Value = void>(): Barrier<Value> {
  return Promise.withResolvers<Value>();
}

/** A clock that the test moves. Sleeping moves it too, so waits end immediately and their lengths can be asserted. */
export interface ManualClock {
  now: number;
  /** Lengths of the waits so far, in ms. */
  slept: number[];
  system: Pick<System, 'now' | 'sleep'>;
}

export function manualClock(start = Date.UTC(2026, 10, 20)): ManualClock {
  const clock: ManualClock = {
    now: start,
    slept: [],
    system: {
      now: () => clock.now,
      sleep: async (ms) => {
        clock.slept.push(ms);
        clock.now += ms;
        // Gives the awaited work a turn.
        await new Promise((resolve) => setImmediate(resolve));
      },
    },
  };
  return clock;
}
