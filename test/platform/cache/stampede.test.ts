/**
 * Stampedes of slow and of failing loads, in virtual time: while the holder of the lease is alive, nothing else loads,
 * and the end of its load is the end for all callers that wait.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis } from '../../../dev/redis/server.ts';
import {
  type Cache,
  CacheBusyError,
  type LoadContext,
  query,
  SharedLoadError,
} from '../../../src/platform/cache/index.ts';
import { LEASE_MS } from '../../../src/platform/cache/lease.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { barrier, createIsolate, type IsolateOptions, newTenant, type TestScope } from '../../support/isolate.ts';
import { startAppRest } from '../../support/rest.ts';
import { virtualTime } from '../../support/virtual-time.ts';

const time = virtualTime();
const { sleep } = time.system;

// The embedded Redis, because its time is this process's time.
let redis: Awaited<ReturnType<typeof startRedis>>;
let rest: Awaited<ReturnType<typeof startAppRest>>;
beforeAll(async () => {
  redis = await startRedis();
  rest = await startAppRest({ redisUrl: redis.url });
});
afterAll(async () => {
  await rest.close();
  await redis.close();
});

let tenant: string;
let loads: number;
beforeEach(() => {
  tenant = newTenant();
  loads = 0;
});

const patient = { timeout: 60_000 };
const isolate = (options: Omit<IsolateOptions, 'rest'> = {}) =>
  createIsolate({ rest, system: time.system, fetch: time.fetch, ...patient, ...options });

/** The scopes of `each` callers in each of `isolates` isolates. */
function callers(isolates: number, each: number, options: Omit<IsolateOptions, 'rest'> = {}): TestScope[] {
  return Array.from({ length: isolates }, () => isolate(options)).flatMap((own) =>
    Array.from({ length: each }, () => own.scope(tenant)),
  );
}

type Read = (cache: Cache<LoadContext>) => Promise<unknown>;

/** Reads in all scopes at once. Returns each result, or its error, with the time that it took and its commands. */
function readAll(scopes: readonly TestScope[], read: Read) {
  const began = Date.now();
  return time.run(
    Promise.all(
      scopes.map(async ({ cache, meter, settled }) => {
        const answer: unknown = await read(cache).catch((error: unknown) => error);
        const tookMs = Date.now() - began;
        await settled();
        return { answer, tookMs, commands: meter.commands };
      }),
    ),
  );
}

const slow = query('slow', {
  ttl: '5m',
  tags: () => [tag('slow')],
  load: async () => {
    loads += 1;
    await sleep(8_000);
    return `value ${loads}`;
  },
});
const readSlow: Read = (cache) => cache.read(slow, {});

describe('a load of 8 seconds', () => {
  test('10 isolates × 50 callers: one load; the other callers get an error with Retry-After at their bound', async () => {
    time.coarsen(50);
    const results = await readAll(callers(10, 50), readSlow);
    expect(loads).toBe(1);
    const busy = results.filter(({ answer }) => answer instanceof CacheBusyError);
    expect(busy).toHaveLength(499);
    for (const { tookMs } of busy) {
      expect(tookMs).toBeGreaterThanOrEqual(4_950);
      expect(tookMs).toBeLessThan(5_100);
    }
    expect(results.filter(({ answer }) => answer === 'value 1')).toHaveLength(1);
  });

  test('callers whose bound is longer get the value of the one load', async () => {
    const results = await readAll(callers(10, 2, { waitMs: 10_000 }), readSlow);
    expect(new Set(results.map(({ answer }) => answer))).toEqual(new Set(['value 1']));
    expect(loads).toBe(1);
  });

  test('costs its holder one command for each third of a lease, beside the three of a miss', async () => {
    const [holder] = await readAll(callers(1, 1), readSlow);
    expect(holder?.commands).toBe(3 + Math.floor(8_000 / (LEASE_MS / 3)));
  });

  test.each(['drop-response', { status: 503, body: { error: 'down' } }] as const)(
    'one lost renewal (%o) does not let another caller load',
    async (verdict) => {
      let renewals = 0;
      rest.intercept = ({ commands }) => {
        const isRenewal = commands.some((command) => {
          const [name, , keys, lease, life] = command.map(String);
          return /^eval/i.test(name ?? '') && keys === '1' && lease?.includes(':l:') && life === String(LEASE_MS);
        });
        renewals += isRenewal ? 1 : 0;
        return isRenewal && renewals === 2 ? verdict : 'pass';
      };
      const results = await readAll(callers(3, 2, { waitMs: 10_000 }), readSlow);
      rest.intercept = undefined;
      expect(renewals).toBeGreaterThan(4);
      expect(new Set(results.map(({ answer }) => answer))).toEqual(new Set(['value 1']));
      expect(loads).toBe(1);
    },
  );

  test('a caller gets an expired value, if the query allows it when loading fails', async () => {
    let text = 'old';
    const declared = query('slow-refresh', {
      ttl: '1m',
      staleIfError: '1h',
      load: async () => {
        loads += 1;
        if (loads > 1) await sleep(8_000);
        return text;
      },
    });
    const read: Read = (cache) => cache.read(declared, {});
    await readAll(callers(1, 1), read);
    text = 'new';
    await time.run(sleep(120_000));
    const results = await readAll(callers(3, 2), read);
    expect(results.map(({ answer }) => answer).toSorted()).toEqual(['new', 'old', 'old', 'old', 'old', 'old']);
    expect(loads).toBe(2);
  });

  test('with onTimeout load, a caller loads at its bound, and only the holder stores', async () => {
    const declared = query('slow-load', {
      ttl: '5m',
      onTimeout: 'load',
      load: async () => {
        loads += 1;
        await sleep(loads === 1 ? 8_000 : 1);
        return 'value';
      },
    });
    const results = await readAll(callers(3, 1), (cache) => cache.read(declared, {}));
    expect(results.map(({ answer }) => answer)).toEqual(['value', 'value', 'value']);
    expect(loads).toBe(3);
  });

  test('readMany waits for the load of another caller in the same way', async () => {
    const scopes = callers(2, 1);
    const results = await readAll(scopes, (cache) =>
      cache === scopes[0]?.cache ? cache.read(slow, {}) : cache.readMany(slow, [{}]),
    );
    expect(results[1]?.answer).toBeInstanceOf(CacheBusyError);
    expect(loads).toBe(1);
  });

  test('without Redis, each caller loads', async () => {
    rest.intercept = () => ({ status: 503, body: { error: 'down' } });
    const results = await readAll(callers(3, 1), readSlow);
    rest.intercept = undefined;
    expect(results.map(({ answer }) => String(answer).slice(0, 5))).toEqual(['value', 'value', 'value']);
    expect(loads).toBe(3);
  });
});

describe('a holder that is killed', () => {
  test('a waiting caller loads after the lease, and never before', async () => {
    const { system, die } = time.mortal();
    const started = barrier<number>();
    const startedAgain = barrier<number>();
    const declared = query('killed', {
      ttl: '5m',
      load: async () => {
        loads += 1;
        (loads === 1 ? started : startedAgain).resolve(Date.now());
        if (loads === 1) await system.sleep(20_000);
        return `value ${loads}`;
      },
    });
    const read: Read = (cache) => cache.read(declared, {});
    void isolate({ system })
      .scope(tenant)
      .cache.read(declared, {})
      .catch(() => undefined);
    await started.promise;
    // The lease has been renewed several times.
    await time.run(sleep(3 * LEASE_MS + 100));
    const killedAt = Date.now();
    die();
    const results = await readAll(callers(3, 2), read);
    expect(new Set(results.map(({ answer }) => answer))).toEqual(new Set(['value 2']));
    expect(loads).toBe(2);
    const waited = (await startedAgain.promise) - killedAt;
    expect(waited).toBeGreaterThan(LEASE_MS / 2);
    expect(waited).toBeLessThan(LEASE_MS + 250);
  });

  test('a load that hangs is over after a minute: another caller may load', async () => {
    const declared = query('hangs', {
      ttl: '5m',
      load: async () => {
        loads += 1;
        if (loads === 1) await sleep(3_600_000);
        return `value ${loads}`;
      },
    });
    void isolate().scope(tenant).cache.read(declared, {});
    await time.run(sleep(50_000));
    const [early] = await readAll(callers(1, 1), (cache) => cache.read(declared, {}));
    expect(early?.answer).toBeInstanceOf(CacheBusyError);
    await time.run(sleep(10_000));
    const [late] = await readAll(callers(1, 1), (cache) => cache.read(declared, {}));
    expect(late?.answer).toBe('value 2');
  });
});

class Missing extends Error {
  readonly status = 404;
  readonly code = 'NOT_FOUND';
}

/** A query whose loader fails after 50 ms. */
function failing(name: string, error: () => unknown) {
  return query(name, {
    ttl: '1m',
    staleIfError: '1h',
    tags: () => [tag('failing')],
    load: async (): Promise<string> => {
      loads += 1;
      await sleep(50);
      throw error();
    },
  });
}

describe('a load that fails after 50 ms', () => {
  test.each([1, 2, 3])(
    '10 isolates × 5 callers: one load, and its error for all within twice its time and 4 commands (round %i)',
    async () => {
      const declared = failing('fails', () => new Error('secret detail'));
      const results = await readAll(callers(10, 5), (cache) => cache.read(declared, {}));
      expect(loads).toBe(1);
      for (const { answer, tookMs, commands } of results) {
        expect(answer).toBeInstanceOf(Error);
        expect(tookMs).toBeLessThanOrEqual(100);
        expect(commands).toBeLessThanOrEqual(4);
      }
      const shared = results.map(({ answer }) => answer).filter((answer) => answer instanceof SharedLoadError);
      expect(shared).toHaveLength(49);
      for (const error of shared) {
        expect(error).toMatchObject({ status: 500, code: 'LOAD_FAILED' });
        expect(error.message).not.toContain('secret');
      }
    },
  );

  test('the status and the code of the error reach all callers, and Redis has no message', async () => {
    const declared = failing('missing', () => new Missing('Alice is not here'));
    const scopes = callers(3, 2);
    const results = await readAll(scopes, (cache) => cache.read(declared, {}));
    for (const { answer } of results) expect(answer).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(loads).toBe(1);
    expect(await scopes[0]?.redis.get(`hf:${tenant}:l:missing`)).toMatch(/^!404 NOT_FOUND [\w-]+$/);
  });

  test('a code that could be a message does not cross', async () => {
    const declared = failing('talkative', () => Object.assign(new Error(), { status: 400, code: 'Alice is not here' }));
    const results = await readAll(callers(2, 1), (cache) => cache.read(declared, {}));
    const [shared] = results.map(({ answer }) => answer).filter((answer) => answer instanceof SharedLoadError);
    expect(shared).toMatchObject({ status: 400, code: 'LOAD_FAILED' });
  });

  test('each caller gets an expired value instead, if there is one', async () => {
    let fails = false;
    const declared = query('fails-later', {
      ttl: '1m',
      staleIfError: '1h',
      load: async () => {
        loads += 1;
        await sleep(50);
        if (fails) throw new Error('the source is down');
        return 'old';
      },
    });
    const read: Read = (cache) => cache.read(declared, {});
    await readAll(callers(1, 1), read);
    fails = true;
    await time.run(sleep(120_000));
    const results = await readAll(callers(10, 5), read);
    expect(new Set(results.map(({ answer }) => answer))).toEqual(new Set(['old']));
    expect(loads).toBe(2);
  });

  test('the next caller after the failure loads at once', async () => {
    const declared = failing('fails-again', () => new Missing());
    const read: Read = (cache) => cache.read(declared, {});
    await readAll(callers(2, 1), read);
    const [next] = await readAll(callers(1, 1), read);
    expect(next).toMatchObject({ tookMs: 50, commands: 3 });
    expect(loads).toBe(2);
  });

  test('a caller that waited still learns of the failure when a new caller loads already', async () => {
    const declared = failing('fails-in-turn', () => new Missing());
    const read: Read = (cache) => cache.read(declared, {});
    // These callers ask when the first load has ended and the second is under way.
    const system = { ...time.system, random: () => 0.999 };
    const waiting = readAll(callers(1, 4, { system }), read);
    const later = time.run(sleep(51)).then(() => readAll(callers(1, 1), read));
    const newest = time.run(sleep(60)).then(() => readAll(callers(1, 1), read));
    const [results, [late], [last]] = await Promise.all([waiting, later, newest]);
    // This caller has not waited for the first load, so it waits for the second one.
    expect(last?.tookMs).toBeGreaterThanOrEqual(41);
    for (const { answer, tookMs } of results) {
      expect(answer).toMatchObject({ code: 'NOT_FOUND' });
      expect(tookMs).toBeLessThanOrEqual(100);
    }
    expect(late?.tookMs).toBe(50);
    expect(loads).toBe(2);
  });

  test('a caller does not accept a failure from before a write: it loads', async () => {
    let found = false;
    const declared = query('created', {
      ttl: '1m',
      tags: () => [tag('row')],
      load: async () => {
        loads += 1;
        const seen = found;
        await sleep(50);
        if (!seen) throw new Missing();
        return 'row';
      },
    });
    const read: Read = (cache) => cache.read(declared, {});
    const before = readAll(callers(1, 1), read);
    await time.run(sleep(10));
    found = true;
    await time.run(isolate().scope(tenant).cache.invalidate(tag('row')));
    const [after] = await readAll(callers(1, 1), read);
    expect(after?.answer).toBe('row');
    expect((await before)[0]?.answer).toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('callers that wait for a value that is too large to be stored load at its end', async () => {
  const declared = query('large', {
    ttl: '5m',
    load: async () => {
      loads += 1;
      await sleep(300);
      return 'x'.repeat(2_000);
    },
  });
  const results = await readAll(callers(4, 1, { largestEntry: 1_000 }), (cache) => cache.read(declared, {}));
  for (const { answer, tookMs } of results) {
    expect(answer).toHaveLength(2_000);
    expect(tookMs).toBeLessThan(800);
  }
  expect(loads).toBe(4);
});
