/**
 * A stage for orders of requests: a durable document in a database of this process, whose transactions lock the row, and
 * isolates that read and patch it over a real Redis. Each request and each COMMIT stops, so a test chooses the order.
 */
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { z } from 'zod';
import type { RedisRest } from '../../../dev/redis-rest/server.ts';
import { type Commit, createInvalidator } from '../../../src/platform/cache/index.ts';
import { document, patchDurable, readDurable } from '../../../src/platform/documents/index.ts';
import type { Log } from '../../../src/platform/log.ts';
import { commit } from '../../../src/platform/outbox/index.ts';
import {
  createBreaker,
  createRedisMeter,
  createTransport,
  RedisClient,
  type TransportFetch,
} from '../../../src/platform/redis/index.ts';
import type { SqlStore, SqlValue } from '../../../src/platform/sql/index.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { type Stop, stoppingFetch } from '../../support/interleave.ts';
import { newTenant } from '../../support/isolate.ts';

const silence = () => undefined;
const log: Log = { debug: silence, info: silence, warn: silence, error: silence, with: () => log };

const numbers = z.record(z.string(), z.number());
export const noted = document('noted', { schema: numbers, show: (value) => value });

export type Value = z.output<typeof numbers>;

/** A row that a transaction holds until it ends. */
interface Held {
  written?: { value: Value; version: number };
  release?: () => void;
}

/** Changes the commands of a request before they are sent. */
export type Rewrite = (commands: unknown[][]) => unknown[][];

export function createStage(rest: Pick<RedisRest, 'url' | 'token'>, rewrite?: Rewrite) {
  const tenant = newTenant();
  let row: { value: Value; version: number } = { value: {}, version: 0 };
  let locked: Promise<unknown> = Promise.resolve();

  /** A database whose COMMIT stops before and after the row becomes visible. */
  function storeOf(stop: Stop, label: string): SqlStore<Held> {
    return {
      async transaction(work) {
        const held: Held = {};
        try {
          const result = await work(held);
          await stop(`${label} commits`);
          row = held.written ?? row;
          return result;
        } finally {
          held.release?.();
        }
      },
      async query<Row extends object>(text: string, values: readonly SqlValue[], tx?: Held): Promise<Row[]> {
        await endOfTurn();
        if (/^\s*SELECT value, version FROM documents/.test(text)) return [row] as object[] as Row[];
        if (/^\s*INSERT INTO documents/.test(text) && tx) {
          const earlier = locked;
          locked = new Promise<void>((release) => {
            tx.release = release;
          });
          await earlier;
          return [row] as object[] as Row[];
        }
        if (/^\s*UPDATE documents/.test(text) && tx) {
          tx.written = { value: JSON.parse(String(values[3])) as Value, version: Number(values[4]) };
          return [];
        }
        if (/^\s*(INSERT INTO|UPDATE|DELETE FROM) outbox/.test(text)) return [];
        throw new Error(`This database does not know the statement ${text}`);
      },
    };
  }

  /** A new isolate; `lost` loses the answer of the request that runs with this number. */
  function isolate(stop: Stop, label: string, lost?: number) {
    const stopping = stoppingFetch(stop, label, rewrite ? { rewrite } : {});
    let requests = 0;
    const send: TransportFetch = async (...request) => {
      requests += 1;
      const number = requests;
      const answer = await stopping(...request);
      if (number === lost) throw new TypeError('terminated');
      return answer;
    };
    const now = Date.now;
    const limits = { meter: createRedisMeter(), breaker: createBreaker({ now }), now, timeout: 60_000 };
    const redis = new RedisClient(createTransport({ ...rest, ...limits, fetch: send }));
    const store = storeOf(stop, label);
    const services = { tenant, store, invalidator: createInvalidator(redis, realSystem), system: realSystem, log };
    const write: Commit = (run, options) =>
      commit({ ...services, after: (work) => void work.catch(silence), whenDown: 'available' }, run, options);
    const given = {
      scope: { redis, system: realSystem, log, store },
      tenant: { tenant, commit: write as never, precondition: null },
    };
    return {
      redis,
      read: () => readDurable(given, noted, ['ada']),
      patch: (patch: Value) => patchDurable(given, noted, ['ada'], patch),
    };
  }

  return { isolate, stored: () => row.value };
}
