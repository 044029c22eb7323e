/** Guards: look-ups of what does not exist cost one command, no load and no entry; a member is never denied. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createFilter, offsetsOf, sizeFor } from '../../../src/platform/cache/bloom.ts';
import { addMembers, filterKeys, mayHave, publishRebuild } from '../../../src/platform/cache/filter-commands.ts';
import { bloom, type LoadContext, needsRebuild, query, rebuildGuard } from '../../../src/platform/cache/index.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { manualClock, newTenant } from '../../support/isolate.ts';
import { type MemberSource, memberSource, PAGE } from '../../support/members.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { rest, isolate } = suiteRedis();

/** The token of a rebuild that has ended. */
const TOKEN = `tokentok${'0'.repeat(16)}`;

let tenant: string;
let source: MemberSource;
let things: ReturnType<typeof guarded>;
let names = 0;
beforeEach(() => {
  tenant = newTenant();
  source = memberSource();
  things = guarded();
});

/** A guarded query of the source. Each has a filter of its own, because filters belong to no tenant. */
function guarded(expected = 1_000) {
  names += 1;
  const own = source;
  return query(`guarded-${names}`, {
    ttl: '5m',
    tags: ({ id }: { id: string }) => [tag('thing', id)],
    guard: bloom<{ id: string }>({
      expected,
      async members(store, cursor) {
        const rows = await store.query<{ id: string }>('SELECT id', [cursor]);
        const next = rows.length === PAGE ? (rows.at(-1)?.id ?? null) : null;
        return { members: rows.map((args) => ({ tenant, args })), next };
      },
    }),
    load: async ({ id }, _context: LoadContext): Promise<string | null> => {
      own.loads += 1;
      return own.ids.includes(id) ? `thing ${id}` : null;
    },
  });
}

const scope = () => isolate().scope(tenant);
const system = { ...realSystem, sleep: async () => undefined };
const rebuild = () => rebuildGuard({ redis: scope().redis, store: source.store, system }, things);

/** Reads in a new scope. Returns the value, the outcome and the cost. */
async function read(id: string) {
  const { cache, meter, outcomes, settled } = scope();
  const value = await cache.read(things, { id });
  await settled();
  return [value, outcomes[0], `${meter.requests}/${meter.commands}`];
}

describe('requests/commands of a guarded query', () => {
  test('1 command more and no request more: a stranger 1/2, a miss 3/4, a hit 1/2', async () => {
    source.ids.push('a', 'b');
    await rebuild();
    expect(await read('stranger')).toEqual([null, 'HIT', '1/2']);
    expect(await read('stranger')).toEqual([null, 'HIT', '1/2']);
    expect(source.loads).toBe(0);
    expect(await read('a')).toEqual(['thing a', 'MISS', '3/4']);
    expect(await read('a')).toEqual(['thing a', 'HIT', '1/2']);
    expect(source.loads).toBe(1);
  });

  test('a stranger leaves no key in Redis', async () => {
    await rebuild();
    await read('stranger');
    const [, keys] = await scope().redis.scan('0', { match: `hf:${tenant}:*`, count: 10_000 });
    expect(keys).toEqual([]);
  });

  test('readMany 1/2 for each stranger and 1 load for the members', async () => {
    source.ids.push('a', 'b');
    await rebuild();
    const { cache, meter } = scope();
    const all = ['x', 'a', 'y', 'b'].map((id) => ({ id }));
    expect(await cache.readMany(things, all)).toEqual([null, 'thing a', null, 'thing b']);
    expect(source.loads).toBe(2);
    // The look-up with 4 checks, the leases, the fill.
    expect([meter.requests, meter.commands]).toEqual([3, 1 + 4 + 2]);
  });

  test('mayExist 1/1, admit 1/1, and a rebuild 2 requests', async () => {
    source.ids.push('a');
    const rebuilding = scope();
    await rebuildGuard({ redis: rebuilding.redis, store: source.store, system }, things);
    // Scripts are sent once by digest and, if the server does not know them, once more as text.
    expect(rebuilding.meter.requests).toBeLessThanOrEqual(4);
    const { cache, meter } = scope();
    expect(await cache.mayExist(things, { id: 'a' })).toBe(true);
    expect([meter.requests, meter.commands]).toEqual([1, 1]);
    expect(await cache.mayExist(things, { id: 'x' })).toBe(false);
    await cache.admit(things, { id: 'x' });
    const admitting = scope();
    await admitting.cache.admit(things, { id: 'y' }, { id: 'z' });
    expect([admitting.meter.requests, admitting.meter.commands]).toEqual([1, 1]);
    for (const id of ['x', 'y', 'z']) expect(await scope().cache.mayExist(things, { id })).toBe(true);
  });
});

describe('a guard denies nothing', () => {
  test.each(['no filter', 'an evicted filter', 'bits without a rebuild', 'a filter of another size', 'no Redis'])(
    'with %s: the value is loaded',
    async (state) => {
      const { redis } = scope();
      const { filter, rebuild: rebuilt } = filterKeys(things.name);
      if (state !== 'no filter' && state !== 'bits without a rebuild') await rebuild();
      if (state === 'an evicted filter') await redis.del(filter, rebuilt);
      if (state === 'bits without a rebuild') await redis.setrange(filter, 200, 'x');
      if (state === 'a filter of another size') {
        const size = sizeFor(2_000);
        await redis.set(filter, createFilter(size).toText(TOKEN));
      }
      if (state === 'no Redis') rest().intercept = () => ({ status: 503, body: { error: 'down' } });
      source.ids.push('new');
      expect((await read('new'))[0]).toBe('thing new');
      expect(await scope().cache.mayExist(things, { id: 'other' })).toBe(true);
    },
  );

  test('after an add to a filter that was evicted', async () => {
    source.ids.push('a', 'b');
    await rebuild();
    const { redis, cache } = scope();
    await redis.del(filterKeys(things.name).filter);
    await cache.admit(things, { id: 'c' });
    expect(await redis.exists(filterKeys(things.name).filter)).toBe(0);
    expect((await read('a'))[0]).toBe('thing a');
  });

  test('after an add while a rebuild reads its pages', async () => {
    source.ids.push('a');
    source.beforePages = () => scope().cache.admit(things, { id: 'b' });
    await rebuild();
    source.ids.push('b');
    expect((await read('b'))[0]).toBe('thing b');
    expect(await scope().cache.mayExist(things, { id: 'x' })).toBe(false);
  });

  test('when a rebuild was lost meanwhile: it replaces nothing', async () => {
    source.ids.push('a');
    await rebuild();
    source.pages = 0;
    source.beforePages = async () => {
      await scope().redis.del(filterKeys(things.name).rebuild);
      await scope().cache.admit(things, { id: 'b' });
    };
    expect(await rebuild()).toMatchObject({ isPublished: false });
    expect(await scope().cache.mayExist(things, { id: 'b' })).toBe(true);
  });

  test('when the publication of a rebuild arrives again after a later one', async () => {
    const { redis, cache } = scope();
    await rebuild();
    await cache.admit(things, { id: 'b' });
    const old = createFilter(sizeFor(1_000)).toText(TOKEN);
    expect(await publishRebuild(redis, things.name, TOKEN, old)).toBe(false);
    expect(await scope().cache.mayExist(things, { id: 'b' })).toBe(true);
  });

  test('an add that Redis did not confirm refuses the write', async () => {
    await rebuild();
    rest().intercept = () => 'drop-response';
    await expect(scope().cache.admit(things, { id: 'b' })).rejects.toMatchObject({ code: 'COMMIT_REFUSED' });
  });
});

test('of 1,000 members none is denied; of 5,000 strangers at most 1 % look like members', async () => {
  source.ids.push(...Array.from({ length: 1_000 }, (_, index) => `member-${index}`));
  await rebuild();
  expect(source.pages).toBe(3);
  const ask = (id: string) => scope().cache.mayExist(things, { id });
  const { cache } = scope();
  const members = await Promise.all(source.ids.map((id) => cache.mayExist(things, { id })));
  expect(members.every(Boolean)).toBe(true);
  const strangers = await Promise.all(
    Array.from({ length: 5_000 }, (_, index) => cache.mayExist(things, { id: `stranger-${index}` })),
  );
  expect(strangers.filter(Boolean).length).toBeLessThan(50);
  expect(await ask('member-1')).toBe(true);
});

test('a filter of bits that were added one by one equals the rebuilt one, and is ASCII text', async () => {
  const size = sizeFor(500);
  const { redis } = scope();
  const ids = Array.from({ length: 200 }, (_, index) => `m${index}`);
  const filter = createFilter(size);
  for (const id of ids) filter.add(id);
  const text = filter.toText(TOKEN);
  const { filter: name } = filterKeys(things.name);
  await redis.set(name, createFilter(size).toText(TOKEN));
  await addMembers(redis, things.name, size, ids);
  expect(await redis.get(name)).toBe(text);
  expect([...text].every((character) => character.charCodeAt(0) < 128)).toBe(true);
  expect(await mayHave(redis, things.name, size, 'm7')).toBe(true);
  for (const offset of offsetsOf(size, 'm7')) expect(offset % 8).not.toBe(0);
});

test('a filter is rebuilt if it is missing or a day old', async () => {
  const clock = manualClock(Date.now());
  const { redis } = scope();
  const own = { ...realSystem, ...clock.system };
  const needs = () => needsRebuild({ redis, system: own }, things);
  expect(await needs()).toBe(true);
  await rebuildGuard({ redis, store: source.store, system: own }, things);
  expect(await needs()).toBe(false);
  clock.now += 86_500_000;
  expect(await needs()).toBe(true);
});

describe('a rebuild', () => {
  test('waits for transactions that ran when it began, and gives up if they take too long', async () => {
    const { redis } = scope();
    for (const [ends, isPublished] of [
      [3, true],
      [100, false],
    ] as const) {
      let looks = 0;
      const store: MemberSource['store'] = {
        async query<Row extends object>(text: string, values: readonly (string | number)[]): Promise<Row[]> {
          if (text.includes('xmax')) return [{ id: '12' }] as unknown as Row[];
          if (!text.includes('xmin')) return source.store.query<Row>(text, values);
          looks += 1;
          return [{ id: looks < ends ? '11' : '12' }] as unknown as Row[];
        },
      };
      expect(await rebuildGuard({ redis, store, system }, things)).toMatchObject({ isPublished });
      expect(looks).toBe(Math.min(ends, 20));
    }
  });
});

describe('negative entries', () => {
  test('of a guarded query live at most 30 seconds', async () => {
    const declared = guarded();
    expect(declared.negativeTtlMs).toBe(30_000);
    const long = () =>
      query('guarded-long', {
        ttl: '5m',
        negativeTtl: '1m',
        guard: bloom<{ id: string }>({ expected: 1, members: async () => ({ members: [], next: null }) }),
        load: async (): Promise<string | null> => null,
      });
    expect(long).toThrow(/30 seconds/);
    expect(await read('stranger')).toEqual([null, 'MISS', '3/4']);
    expect(await scope().redis.pttl(`hf:${tenant}:q:${things.name}:id:stranger`)).toBeLessThanOrEqual(33_000);
  });
});

test.each([0, -1, 1_000_001, Number.NaN])('a guard cannot expect %d members', (expected) => {
  expect(() => bloom({ expected, members: async () => ({ members: [], next: null }) })).toThrow(TypeError);
});
