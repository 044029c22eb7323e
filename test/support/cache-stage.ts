/**
 * A stage for faults of the cache: a tenant with one row, a database with the row and the outbox, and isolates that
 * read the row. Each isolate can have a fault at one step of its work.
 */
import type { RedisRest } from '../../dev/redis-rest/server.ts';
import {
  type Commit,
  createCache,
  createCacheStatistics,
  createInvalidator,
  createMemory,
  type LoadContext,
  query,
} from '../../src/platform/cache/index.ts';
import { LEASE_MS } from '../../src/platform/cache/lease.ts';
import { MARKER_TTL_MS } from '../../src/platform/cache/versions.ts';
import type { Log } from '../../src/platform/log.ts';
import { type CommitServices, commit, drainOutbox } from '../../src/platform/outbox/index.ts';
import {
  createBreaker,
  createRedisMeter,
  createTransport,
  key,
  RedisClient,
  type TransportFetch,
  type TransportOptions,
  tag,
} from '../../src/platform/redis/index.ts';
import { realSystem } from '../../src/platform/system.ts';
import { adminRedis } from './admin-redis.ts';
import { manualClock, newTenant } from './isolate.ts';
import { nodeFetch } from './node-fetch.ts';
import { type OutboxRow, outboxStore } from './outbox-sql.ts';

/** The faults of a request. `gone` also affects all later requests. */
export type Fault = 'answer lost' | 'twice' | 'late' | 'unavailable' | 'NOSCRIPT' | 'gone';
/** The step of an operation to which a request belongs. */
export type Step =
  | 'look up'
  | 'lease'
  | 'fill'
  | 'mark'
  | 'settle'
  | 'settle and store'
  | 'forget'
  | 'increment'
  | 'other';

type IsolateLimits = Pick<TransportOptions, 'coalesce' | 'timeout'>;

const silence = () => undefined;
const log: Log = { debug: silence, info: silence, warn: silence, error: silence, with: () => log };

/** A tenant with one row, a database with the row, and isolates that read the row. */
export function createStage(rest: RedisRest, whenDown: 'available' | 'strict' = 'available') {
  const tenant = newTenant();
  const clock = manualClock();
  const row = { value: 'old' };
  const outbox: OutboxRow[] = [];
  const declared = query('row', { ttl: '5m', tags: () => [tag('row')], load: async (_: { id: number }) => row.value });
  const unrelated = query('unrelated', {
    ttl: '5m',
    tags: () => [tag('unrelated')],
    load: async ({ fails }: { fails?: boolean }) => (fails ? Promise.reject(new Error('fails')) : 'old'),
  });
  const store = outboxStore(tenant, {
    async transaction(work) {
      const rows: OutboxRow[] = [];
      const value = await work(rows);
      row.value = typeof value === 'string' ? value : 'new';
      outbox.push(...rows);
      return value;
    },
    take: () => outbox,
    keep(ids, kind) {
      for (const each of outbox) if (ids.includes(each.id)) each.kind = kind;
    },
    delete: () => outbox.splice(0),
  });

  /** Waits in virtual time. The clock of Redis stands still, so the lease of a dead holder is ended here. */
  async function sleep(ms: number): Promise<void> {
    await clock.system.sleep(ms);
    const slept = clock.slept.reduce((sum, each) => sum + each, 0);
    if (slept >= LEASE_MS) await isolate().redis.del(key(tenant, 'lease', 'row', 'id', '=1'));
  }

  /** A new isolate. Its transport to Redis may have a fault. */
  function isolate(send: TransportFetch = nodeFetch, { coalesce = 'all', timeout = 5_000 }: IsolateLimits = {}) {
    const system = { ...realSystem, ...clock.system, sleep };
    const { now } = system;
    const meter = createRedisMeter();
    const breaker = createBreaker({ now });
    const limits = { meter, breaker, now, timeout, coalesce };
    const client = new RedisClient(createTransport({ ...rest, ...limits, fetch: send }));
    const outcomes: string[] = [];
    const pending: Promise<unknown>[] = [];
    const after = (work: Promise<unknown>) => void pending.push(work.catch(() => undefined));
    const invalidator = createInvalidator(client, system);
    const services: CommitServices = { tenant, store, invalidator, system, log, after, whenDown };
    const write: Commit = (run, options) => commit(services, run, options);
    const cache = createCache<LoadContext>({
      context: { tenant },
      redis: client,
      system,
      statistics: createCacheStatistics(),
      memory: createMemory(),
      after,
      commit: write,
      onRead: (outcome) => outcomes.push(outcome),
    });
    const settled = async () => {
      while (pending.length > 0) await Promise.all(pending.splice(0));
    };
    return {
      cache,
      redis: client,
      meter,
      outcomes,
      settled,
      write,
      drain: () => drainOutbox({ store, invalidator, system }),
    };
  }

  /** Sends every script once, so that later requests can be counted, and caches the row. */
  async function begin(cached: boolean): Promise<void> {
    const { cache, write, settled } = isolate();
    await cache.read(unrelated, {});
    await cache.read(unrelated, { fails: true }).catch(() => undefined);
    await cache.write(unrelated, {}, async () => 'old');
    await write(async (tx) => {
      tx.invalidate(tag('unrelated'));
      return 'old';
    });
    await settled();
    if (cached) await cache.readMany(declared, [{ id: 1 }, { id: 2 }, { id: 3 }]);
  }

  /** Reads the row in another isolate; the result shows whether the read had to wait for a lease. */
  async function read(): Promise<string> {
    const { cache, outcomes, settled } = isolate();
    clock.slept.length = 0;
    const value = await cache.read(declared, { id: 1 });
    await settled();
    return [outcomes[0], value === row.value ? null : 'OLD', clock.slept.length > 0 ? 'after waiting' : null]
      .filter(Boolean)
      .join(' ');
  }
  return { rest, row, declared, begin, isolate, read, clock };
}

export type Stage = ReturnType<typeof createStage>;
export type Isolate = ReturnType<Stage['isolate']>;

/** Causes a fault at one step of an isolate, once (`gone`: from then on). `arrive` lets a late request arrive. */
export async function trouble(on: Stage, step: Step, fault: Fault) {
  let late: (() => Promise<unknown>) | undefined;
  let pending = true;
  let gone = false;
  const isHit = (commands: readonly (readonly unknown[])[]) => {
    const hit = pending && commands.some((command) => stepOf(command) === step);
    if (hit) pending = false;
    return hit;
  };
  if (fault === 'NOSCRIPT') await adminRedis({ url: on.rest.url }).scriptFlush();
  const send: TransportFetch = async (url, request) => {
    const commands = JSON.parse(request.body) as unknown[][];
    if (fault === 'gone') gone ||= isHit(commands);
    if (gone) throw new TypeError('fetch failed');
    if (fault === 'late' && isHit(commands)) {
      const { signal: _signal, ...same } = request;
      late = async () => (await nodeFetch(url, same)).text();
      // The error of a `fetch` whose time limit has passed.
      throw new DOMException('This operation was aborted', 'AbortError');
    }
    if (fault === 'twice' && isHit(commands)) await (await nodeFetch(url, request)).text();
    return nodeFetch(url, request);
  };
  if (fault === 'answer lost' || fault === 'unavailable') {
    on.rest.intercept = ({ commands }) => {
      if (!isHit(commands)) return 'pass';
      if (fault === 'answer lost') return 'drop-response';
      return { status: 503, body: { error: 'down' } };
    };
  }
  return {
    isolate: on.isolate(send),
    async arrive() {
      await late?.();
    },
  };
}

/** Recognizes scripts by the families of their keys and by their arguments. */
export function stepOf([first, , count, ...rest]: readonly unknown[]): Step {
  const name = String(first).toLowerCase();
  if (name === 'mget') return 'look up';
  if (name === 'del') return 'forget';
  if (name === 'incrby') return 'increment';
  if (!name.startsWith('eval')) return 'other';
  const keys = rest.slice(0, Number(count)).map((key) => String(key).split(':')[2]);
  const argv = rest.slice(Number(count)).map(String);
  if (!keys.includes('q'))
    return keys.includes('l') ? 'other' : argv.includes(String(MARKER_TTL_MS)) ? 'mark' : 'settle';
  if (argv.includes(String(LEASE_MS))) return 'lease';
  return keys.includes('v') ? 'settle and store' : 'fill';
}

/** Writes the row. */
export const changeTag = ({ write }: Isolate) => write(async (tx) => tx.invalidate(tag('row')));
