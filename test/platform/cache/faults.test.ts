/**
 * Every operation of the cache × everything that may happen to its request: each has a stated outcome, in the table of
 * docs/cache.md and here. A row says what the caller gets, what another isolate reads right after, and what it reads
 * once late requests have arrived and the outbox was drained.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PrismaClient } from '#prisma';
import {
  createCache,
  createCacheStatistics,
  createMemory,
  LEASE_MS,
  type LoadContext,
  MARKER_TTL_MS,
  markVersions,
  query,
  settleVersions,
  unmarkVersions,
} from '../../../src/cache/index.ts';
import { commit, type Database, drainOutbox, type Invalidator } from '../../../src/db/index.ts';
import type { Log } from '../../../src/log.ts';
import { createBreaker, createRedisMeter, createTransport, RedisClient, tag } from '../../../src/redis/index.ts';
import { realSystem } from '../../../src/system.ts';
import { barrier, manualClock, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterEach(() => {
  redis.rest.intercept = undefined;
});
afterAll(() => redis.close());

type Fault = 'answer lost' | 'twice' | 'late' | 'unavailable' | 'NOSCRIPT' | 'gone';
type Step = 'look up' | 'lease' | 'fill' | 'mark' | 'settle' | 'settle and store' | 'forget' | 'increment' | 'other';
/** What the caller gets; what the next reader gets; what a reader gets in the end. */
type Outcome = readonly [gets: string, then: string, finally_: string];

const silence = () => undefined;
const log: Log = { debug: silence, info: silence, warn: silence, error: silence, with: () => log };

/** A tenant with one row, a database that holds it, and isolates that read it. */
function stage(whenDown: 'available' | 'strict' = 'available') {
  const tenant = newTenant();
  const clock = manualClock();
  const row = { value: 'old' };
  const owed: { id: string; payload: unknown }[] = [];
  const declared = query('row', { ttl: '5m', tags: () => [tag('row')], load: async (_: { id: number }) => row.value });
  const unrelated = query('unrelated', {
    ttl: '5m',
    tags: () => [tag('unrelated')],
    load: async ({ fails }: { fails?: boolean }) => (fails ? Promise.reject(new Error('fails')) : 'old'),
  });
  const client = {
    async $transaction(run: (tx: unknown) => Promise<unknown>) {
      const rows: typeof owed = [];
      const value = await run({ outbox: { create: async ({ data }: { data: (typeof owed)[0] }) => rows.push(data) } });
      row.value = typeof value === 'string' ? value : 'new';
      owed.push(...rows);
      return value;
    },
    $queryRaw: async () => owed.map((each) => ({ ...each, tenant_id: tenant, kind: 'invalidate', attempts: 1 })),
    outbox: { deleteMany: async () => void owed.splice(0), updateMany: async () => undefined },
  };
  const database: Database = {
    client: async () => client as unknown as PrismaClient,
    meter: { queries: 0, ms: 0 },
    close: async () => undefined,
  };

  /** A new isolate. Its way to Redis may be troubled. */
  function isolate(send: typeof fetch = fetch, coalesce: 'all' | 'by-mode' = 'all') {
    const system = { ...realSystem, ...clock.system };
    const { now } = system;
    const meter = createRedisMeter();
    const breaker = createBreaker({ now });
    const limits = { meter, breaker, now, timeout: 100, coalesce };
    const client = new RedisClient(createTransport({ ...redis.rest, ...limits, fetch: send }));
    const outcomes: string[] = [];
    const pending: Promise<unknown>[] = [];
    const after = (work: Promise<unknown>) => void pending.push(work.catch(() => undefined));
    const invalidator: Invalidator = {
      mark: (keys, by) => markVersions(client, keys, by, system.token()),
      unmark: (keys, by) => unmarkVersions(client, keys, by, system.token()),
      settle: (keys, by) => settleVersions(client, keys, by, system.token()),
    };
    const services = { tenant, database, invalidator, system, log, after, whenDown };
    const write: NonNullable<Parameters<typeof createCache<LoadContext>>[0]['commit']> = (run, options) =>
      commit(services, run, options);
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
      drain: () => drainOutbox({ database, invalidator, system }),
    };
  }

  /** Has every script sent once, so that requests can be counted; and caches the row. */
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

  /** What somebody else reads now, and whether they had to wait for somebody's lease. */
  async function read(): Promise<string> {
    const { cache, outcomes, settled } = isolate();
    clock.slept.length = 0;
    const value = await cache.read(declared, { id: 1 });
    await settled();
    return [outcomes[0], value === row.value ? null : 'OLD', clock.slept.length > 0 ? 'after waiting' : null]
      .filter(Boolean)
      .join(' ');
  }
  return { tenant, row, owed, declared, begin, isolate, read, clock };
}

type Stage = ReturnType<typeof stage>;
type Isolate = ReturnType<Stage['isolate']>;

/** Makes trouble for one step of an isolate, once (`gone`: from then on). `arrive` lets what is late arrive. */
async function trouble(on: Stage, step: Step, fault: Fault) {
  const late = barrier();
  let pending = true;
  let gone = false;
  const isHit = (commands: readonly (readonly unknown[])[]) => {
    const hit = pending && commands.some((command) => stepOf(command) === step);
    if (hit) pending = false;
    return hit;
  };
  if (fault === 'NOSCRIPT') await on.isolate().redis.scriptFlush();
  const send: typeof fetch = async (input, init) => {
    const commands = JSON.parse(String(init?.body)) as unknown[][];
    if (fault === 'gone') gone ||= isHit(commands);
    if (gone) throw new TypeError('fetch failed');
    if (fault === 'twice' && isHit(commands)) await (await fetch(input, init)).text();
    return fetch(input, init);
  };
  if (fault === 'answer lost' || fault === 'late' || fault === 'unavailable') {
    redis.rest.intercept = async ({ commands }) => {
      if (!isHit(commands)) return 'pass';
      if (fault === 'answer lost') return 'drop-response';
      if (fault === 'unavailable') return { status: 503, body: { error: 'down' } };
      await late.promise;
      return 'pass';
    };
  }
  return {
    isolate: on.isolate(send),
    async arrive() {
      late.resolve();
      await on.isolate().redis.ping();
    },
  };
}

/** Scripts are told apart by the families of their keys and by their arguments. */
function stepOf([first, , count, ...rest]: readonly unknown[]): Step {
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

interface Operation {
  step: Step;
  run(isolate: Isolate, on: Stage): Promise<unknown>;
  /** Whether the entry is there before. */
  cached?: false;
  outcomes: Readonly<Record<Fault, Outcome>>;
}

const readOne = ({ cache }: Isolate, { declared }: Stage) => cache.read(declared, { id: 1 });
const readThree = ({ cache }: Isolate, { declared }: Stage) =>
  cache.readMany(declared, [{ id: 1 }, { id: 2 }, { id: 3 }]);
const writeThrough = ({ cache }: Isolate, { declared }: Stage) => cache.write(declared, { id: 1 }, async () => 'new');
const changeTag = ({ write }: Isolate) => write(async (tx) => tx.invalidate(tag('row')));

/** In the order: what the caller gets, what the next reader gets, what readers get once all has arrived and is paid. */
const operations: Record<string, Operation> = {
  'a hit': {
    step: 'look up',
    run: readOne,
    outcomes: {
      'answer lost': ['HIT, 2 requests', 'HIT', 'HIT'],
      twice: ['HIT, 1 request', 'HIT', 'HIT'],
      late: ['BYPASS, 1 request', 'HIT', 'HIT'],
      unavailable: ['HIT, 2 requests', 'HIT', 'HIT'],
      NOSCRIPT: ['HIT, 1 request', 'HIT', 'HIT'],
      gone: ['BYPASS, 2 requests', 'HIT', 'HIT'],
    },
  },
  'a miss, at the look-up': {
    step: 'look up',
    run: readOne,
    cached: false,
    outcomes: {
      'answer lost': ['MISS, 4 requests', 'HIT', 'HIT'],
      twice: ['MISS, 3 requests', 'HIT', 'HIT'],
      late: ['BYPASS, 1 request', 'MISS', 'HIT'],
      unavailable: ['MISS, 4 requests', 'HIT', 'HIT'],
      NOSCRIPT: ['MISS, 5 requests', 'HIT', 'HIT'],
      gone: ['BYPASS, 2 requests', 'MISS', 'HIT'],
    },
  },
  'a miss, at the lease': {
    step: 'lease',
    run: readOne,
    cached: false,
    outcomes: {
      'answer lost': ['BYPASS, 3 requests', 'MISS', 'HIT'],
      twice: ['MISS, 3 requests', 'HIT', 'HIT'],
      late: ['BYPASS, 3 requests', 'MISS', 'HIT'],
      unavailable: ['BYPASS, 3 requests', 'MISS', 'HIT'],
      NOSCRIPT: ['MISS, 5 requests', 'HIT', 'HIT'],
      gone: ['BYPASS, 3 requests', 'MISS', 'HIT'],
    },
  },
  'a miss, at the fill': {
    step: 'fill',
    run: readOne,
    cached: false,
    outcomes: {
      'answer lost': ['MISS, 4 requests', 'HIT', 'HIT'],
      twice: ['MISS, 3 requests', 'HIT', 'HIT'],
      late: ['MISS, 4 requests', 'MISS', 'HIT'],
      unavailable: ['MISS, 4 requests', 'MISS', 'HIT'],
      NOSCRIPT: ['MISS, 5 requests', 'HIT', 'HIT'],
      // Its lease cannot be given back either: until it ends after 10 s the others wait up to 5 s and load for themselves.
      gone: ['MISS, 4 requests', 'MISS after waiting', 'MISS after waiting'],
    },
  },
  'readMany, at the look-up': {
    step: 'look up',
    run: readThree,
    cached: false,
    outcomes: {
      'answer lost': ['MISS MISS MISS, 4 requests', 'HIT', 'HIT'],
      twice: ['MISS MISS MISS, 3 requests', 'HIT', 'HIT'],
      late: ['BYPASS BYPASS BYPASS, 1 request', 'MISS', 'HIT'],
      unavailable: ['MISS MISS MISS, 4 requests', 'HIT', 'HIT'],
      NOSCRIPT: ['MISS MISS MISS, 5 requests', 'HIT', 'HIT'],
      gone: ['BYPASS BYPASS BYPASS, 2 requests', 'MISS', 'HIT'],
    },
  },
  'readMany, at the leases': {
    step: 'lease',
    run: readThree,
    cached: false,
    outcomes: {
      'answer lost': ['BYPASS BYPASS BYPASS, 3 requests', 'MISS', 'HIT'],
      twice: ['MISS MISS MISS, 3 requests', 'HIT', 'HIT'],
      late: ['BYPASS BYPASS BYPASS, 3 requests', 'MISS', 'HIT'],
      unavailable: ['BYPASS BYPASS BYPASS, 3 requests', 'MISS', 'HIT'],
      NOSCRIPT: ['MISS MISS MISS, 5 requests', 'HIT', 'HIT'],
      gone: ['BYPASS BYPASS BYPASS, 3 requests', 'MISS', 'HIT'],
    },
  },
  'readMany, at the fill': {
    step: 'fill',
    run: readThree,
    cached: false,
    outcomes: {
      'answer lost': ['MISS MISS MISS, 4 requests', 'HIT', 'HIT'],
      twice: ['MISS MISS MISS, 3 requests', 'HIT', 'HIT'],
      late: ['MISS MISS MISS, 4 requests', 'MISS', 'HIT'],
      unavailable: ['MISS MISS MISS, 4 requests', 'MISS', 'HIT'],
      NOSCRIPT: ['MISS MISS MISS, 5 requests', 'HIT', 'HIT'],
      gone: ['MISS MISS MISS, 4 requests', 'MISS after waiting', 'MISS after waiting'],
    },
  },
  invalidate: {
    step: 'settle',
    run({ cache }, { row }) {
      row.value = 'new';
      return cache.invalidate(tag('row'));
    },
    outcomes: {
      'answer lost': ['REDIS_UNAVAILABLE, 1 request', 'MISS', 'HIT'],
      twice: ['done, 1 request', 'MISS', 'HIT'],
      late: ['REDIS_TIMEOUT, 1 request', 'HIT OLD', 'MISS'],
      unavailable: ['REDIS_UNAVAILABLE, 1 request', 'HIT OLD', 'HIT OLD'],
      NOSCRIPT: ['done, 2 requests', 'MISS', 'HIT'],
      gone: ['REDIS_UNAVAILABLE, 1 request', 'HIT OLD', 'HIT OLD'],
    },
  },
  forget: {
    step: 'forget',
    run({ cache }, { row, declared }) {
      row.value = 'new';
      return cache.forget(declared, { id: 1 });
    },
    outcomes: {
      'answer lost': ['REDIS_UNAVAILABLE, 1 request', 'MISS', 'HIT'],
      twice: ['done, 1 request', 'MISS', 'HIT'],
      late: ['REDIS_TIMEOUT, 1 request', 'HIT OLD', 'MISS'],
      unavailable: ['REDIS_UNAVAILABLE, 1 request', 'HIT OLD', 'HIT OLD'],
      NOSCRIPT: ['done, 1 request', 'MISS', 'HIT'],
      gone: ['REDIS_UNAVAILABLE, 1 request', 'HIT OLD', 'HIT OLD'],
    },
  },
  'commit, at the mark': {
    step: 'mark',
    run: changeTag,
    outcomes: {
      'answer lost': ['done, 2 requests', 'MISS', 'MISS, then HIT'],
      twice: ['done, 2 requests', 'MISS', 'HIT'],
      late: ['done, 2 requests', 'MISS', 'MISS, then HIT'],
      unavailable: ['done, 2 requests', 'MISS', 'MISS, then HIT'],
      NOSCRIPT: ['done, 4 requests', 'MISS', 'HIT'],
      // The double fault: neither the mark nor the settle arrives. The drain ends it.
      gone: ['done, 2 requests', 'HIT OLD', 'MISS, then HIT'],
    },
  },
  'commit, at the settle': {
    step: 'settle',
    run: changeTag,
    outcomes: {
      'answer lost': ['done, 2 requests', 'MISS', 'MISS, then HIT'],
      twice: ['done, 2 requests', 'MISS', 'HIT'],
      late: ['done, 2 requests', 'BYPASS', 'MISS, then HIT'],
      unavailable: ['done, 2 requests', 'BYPASS', 'MISS, then HIT'],
      NOSCRIPT: ['done, 4 requests', 'MISS', 'HIT'],
      gone: ['done, 2 requests', 'BYPASS', 'MISS, then HIT'],
    },
  },
  'write-through, at the mark': {
    step: 'mark',
    run: writeThrough,
    outcomes: {
      'answer lost': ['done, 3 requests', 'MISS', 'MISS'],
      twice: ['done, 2 requests', 'HIT', 'HIT'],
      // A mark without an answer may arrive after the settle, so the write stays owed and the drain settles once more.
      late: ['done, 3 requests', 'MISS', 'MISS, then HIT'],
      unavailable: ['done, 3 requests', 'MISS', 'MISS'],
      NOSCRIPT: ['done, 4 requests', 'HIT', 'HIT'],
      gone: ['done, 3 requests', 'HIT OLD', 'MISS, then HIT'],
    },
  },
  'write-through, at the settle': {
    step: 'settle and store',
    run: writeThrough,
    outcomes: {
      'answer lost': ['done, 2 requests', 'HIT', 'MISS, then HIT'],
      twice: ['done, 2 requests', 'MISS', 'HIT'],
      late: ['done, 2 requests', 'BYPASS', 'MISS, then HIT'],
      unavailable: ['done, 2 requests', 'BYPASS', 'MISS, then HIT'],
      NOSCRIPT: ['done, 4 requests', 'HIT', 'HIT'],
      gone: ['done, 2 requests', 'BYPASS', 'MISS, then HIT'],
    },
  },
};

describe.each(Object.entries(operations))('%s', (_name, { step, run, cached, outcomes }) => {
  test.each(Object.entries(outcomes) as [Fault, Outcome][])('%s', async (fault, expected) => {
    const on = stage();
    await on.begin(cached !== false);
    const { isolate, arrive } = await trouble(on, step, fault);
    const gets = await run(isolate, on).then(
      () => isolate.outcomes.join(' ') || 'done',
      (error: { code?: string }) => error.code ?? String(error),
    );
    await isolate.settled();
    const { requests } = isolate.meter;
    const then = await on.read();
    await arrive();
    await on.isolate().drain();
    const last = [await on.read(), await on.read()];
    const finally_ = last[0] === 'MISS' && expected[2].includes('then') ? last.join(', then ') : last[0];
    expect([`${gets}, ${requests} request${requests === 1 ? '' : 's'}`, then, finally_]).toEqual(expected);
  });
});

describe('store.increment', () => {
  test.each([
    ['answer lost', 'REDIS_UNAVAILABLE', 1],
    ['twice', 2, 2],
    ['late', 'REDIS_TIMEOUT', 1],
    ['unavailable', 'REDIS_UNAVAILABLE', 0],
    ['gone', 'REDIS_UNAVAILABLE', 0],
  ] as const)('%s: the caller gets %s, and %d was counted in the end', async (fault, gets, counted) => {
    const on = stage();
    const { isolate, arrive } = await trouble(on, 'increment', fault);
    const got = await isolate.cache.store.increment('visits').catch((error: { code: string }) => error.code);
    expect(got).toBe(gets);
    await arrive();
    expect((await on.isolate().cache.store.get('visits')) ?? 0).toBe(counted);
  });
});

describe('late requests of a reader', () => {
  test('a lease that arrives when its caller has given up: others wait a bounded time and load', async () => {
    const on = stage();
    await on.begin(false);
    const { isolate, arrive } = await trouble(on, 'lease', 'late');
    await isolate.cache.read(on.declared, { id: 1 });
    await isolate.settled();
    await arrive();
    expect(await on.read()).toBe('MISS after waiting');
    expect(on.clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(5_250);
    // The embedded Redis and the transport know no other clock than their own: what ends by itself is ended here.
    await on.isolate().cache.forget(on.declared, { id: 1 });
    expect([await on.read(), await on.read()]).toEqual(['MISS', 'HIT']);
  });

  test.each(['invalidate', 'forget'] as const)(
    'a fill that arrives after %s was acknowledged is never served',
    async (change) => {
      const on = stage();
      await on.begin(false);
      const { isolate, arrive } = await trouble(on, 'fill', 'late');
      await isolate.cache.read(on.declared, { id: 1 });
      on.row.value = 'new';
      const { cache } = on.isolate();
      await (change === 'invalidate' ? cache.invalidate(tag('row')) : cache.forget(on.declared, { id: 1 }));
      await arrive();
      expect(await on.read()).not.toContain('OLD');
      expect(await on.read()).not.toContain('OLD');
    },
  );
});

describe('strict writes', () => {
  test.each(['answer lost', 'late', 'unavailable', 'gone'] as const)(
    'a mark that is %s: refused, nothing written',
    async (fault) => {
      const on = stage('strict');
      await on.begin(true);
      const { isolate, arrive } = await trouble(on, 'mark', fault);
      await expect(changeTag(isolate)).rejects.toMatchObject({ code: 'COMMIT_REFUSED' });
      await isolate.settled();
      expect(on.row.value).toBe('old');
      await arrive();
      // A mark that arrives after it was taken away stands until its end; nothing is stored meanwhile, nothing is stale.
      expect(await on.read()).toBe(fault === 'late' ? 'BYPASS' : 'HIT');
    },
  );
});

describe('a replica that lags', () => {
  /** Answers whatever only reads with what was answered before. */
  async function lagging(on: Stage, coalesce: 'all' | 'by-mode') {
    const remembered = new Map<string, string>();
    const send: typeof fetch = async (input, init) => {
      const body = String(init?.body);
      const old = remembered.get(body);
      if (old !== undefined) return new Response(old);
      const response = await fetch(input, init);
      const text = await response.text();
      const commands = JSON.parse(body) as unknown[][];
      if (commands.every((command) => stepOf(command) === 'look up')) remembered.set(body, text);
      return new Response(text);
    };
    const isolate = on.isolate(send, coalesce);
    await isolate.cache.read(on.declared, { id: 1 });
    return isolate;
  }

  test.each(['all', 'by-mode'] as const)('coalesce %s: a hit is as old as the replica', async (coalesce) => {
    const on = stage();
    await on.begin(true);
    const isolate = await lagging(on, coalesce);
    await changeTag(on.isolate());
    expect(await isolate.cache.read(on.declared, { id: 1 })).toBe('old');
    expect(await on.read()).toBe('MISS');
  });

  test('a miss is none once the lease is asked for: scripts run on the primary, and what is filled there is served', async () => {
    const on = stage();
    await on.begin(false);
    const isolate = await lagging(on, 'by-mode');
    await changeTag(on.isolate());
    expect(await on.read()).toBe('MISS');
    expect(await isolate.cache.read(on.declared, { id: 1 })).toBe('new');
    expect(isolate.outcomes).toEqual(['MISS', 'HIT']);
  });

  test('by-mode sends reads and writes of one turn apart', async () => {
    const on = stage();
    const turn = async ({ cache }: Isolate) => Promise.all([cache.store.get('a'), cache.store.set('b', 1)]);
    const [all, byMode] = [on.isolate(fetch, 'all'), on.isolate(fetch, 'by-mode')];
    await Promise.all([turn(all), turn(byMode)]);
    expect([all.meter.requests, byMode.meter.requests]).toEqual([1, 2]);
  });
});
