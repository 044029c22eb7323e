/** Cached entries of every encoding, tag versions in every state, leases, plain values, counters. */

import { expect } from 'vitest';
import { markVersions } from '../../../../src/platform/cache/change-versions.ts';
import { createCacheStatistics, type LoadContext, query } from '../../../../src/platform/cache/index.ts';
import { createCounters } from '../../../../src/platform/counters/index.ts';
import { key, tag, versionKey } from '../../../../src/platform/redis/index.ts';
import type { StoredPart } from '../part.ts';
import { TENANT } from '../world.ts';

/** A value with all types that the codec keeps. */
const recorded = () => ({
  at: new Date('2026-11-20T08:30:00.123Z'),
  amount: 12_345_678_901_234_567_890n,
  byName: new Map([['kelp', { since: new Date('2001-02-03T04:05:06Z') }]]),
  tags: new Set(['a', 'b']),
  nothing: null,
  text: 'Zoë ☂ "quoted"\n',
});

/** Distinguishes a loaded value from a stored one. */
const loadedNow = { from: 'the loader' };
let loads: string[] = [];
let recording = false;

function stored(name: string, options: object = {}) {
  return query(`stored-${name}`, {
    ttl: '7d',
    stale: '7d',
    tags: ({ of }: { of: string }) => [tag('stored', of)],
    async load(_args: { of: string }, _context: LoadContext): Promise<unknown> {
      loads.push(name);
      return recording ? recorded() : loadedNow;
    },
    ...options,
  });
}

const plain = stored('plain');
const json = stored('json', { load: async () => (recording ? { n: 1, text: 'kelp' } : loadedNow) });
const compressed = stored('compressed', {
  compress: 100,
  load: async () => (recording ? { long: 'kelp '.repeat(400), at: recorded().at } : loadedNow),
});
const sealed = stored('sealed', { sealed: true });
const remembered = stored('remembered', { memory: '30s' });
const untagged = stored('untagged', { tags: () => [] });
const leased = stored('leased', { load: () => (recording ? new Promise(() => {}) : Promise.resolve(loadedNow)) });
const tagged = { kept: 'kept', marked: 'marked', soft: 'softly-ended', hard: 'ended' };

export const cachePart: StoredPart = {
  name: 'cache',
  async record(world) {
    recording = true;
    await world.within(async ({ cache }, { redis, system }) => {
      for (const each of [plain, json, compressed, sealed, remembered, untagged]) {
        await cache.read(each, { of: tagged.kept });
      }
      for (const which of [tagged.marked, tagged.soft, tagged.hard]) await cache.read(plain, { of: which });
      await markVersions(redis, [versionKey(TENANT, tag('stored', tagged.marked))], system.token(), system.token());
      await cache.invalidateSoftly(tag('stored', tagged.soft));
      await cache.invalidate(tag('stored', tagged.hard));
      await cache.store.set('report:of:kelp', recorded());
      await cache.store.set('report:short', ['text'], '30d');
      await cache.store.increment('visits', 41);
      const counters = createCounters({ now: () => system.now(), token: () => 'recorded' });
      const statistics = createCacheStatistics(counters);
      statistics.count('deal', 'hits', 7);
      statistics.count('deal', 'loadMs', 12.4);
      statistics.count('-', 'errors');
      await counters.flush(redis);
    });
    // The loader never ends, so that the lease is part of the snapshot. The scope does not end either.
    void world.within(({ cache }) => cache.read(leased, { of: 'leased' }));
    return {};
  },
  reads: {
    'entries in JSON, with types, compressed, sealed, and of a query with `memory` are hits': (world) =>
      world.within(async ({ cache }, scope) => {
        recording = false;
        loads = [];
        for (const each of [plain, sealed, remembered, untagged]) {
          expect(await cache.read(each, { of: tagged.kept }), each.name).toEqual(recorded());
        }
        expect(await cache.read(json, { of: tagged.kept })).toEqual({ n: 1, text: 'kelp' });
        expect(await cache.read(compressed, { of: tagged.kept })).toEqual({
          long: 'kelp '.repeat(400),
          at: recorded().at,
        });
        expect(loads).toEqual([]);
        expect(scope.reads.map(({ outcome }) => outcome)).toEqual(['HIT', 'HIT', 'HIT', 'HIT', 'HIT', 'HIT']);
      }),
    'an entry with a marked tag and one with an invalidated tag are loaded again': (world) =>
      world.within(async ({ cache }) => {
        expect(await cache.read(plain, { of: tagged.marked })).toEqual(loadedNow);
        expect(await cache.read(plain, { of: tagged.hard })).toEqual(loadedNow);
      }),
    'an entry with a softly invalidated tag is served as stale': async (world) => {
      await world.within(async ({ cache }, scope) => {
        expect(await cache.read(plain, { of: tagged.soft })).toEqual(recorded());
        expect(scope.reads).toEqual([{ outcome: 'STALE', query: plain.name }]);
      });
      await world.within(async ({ cache }) => {
        expect(await cache.read(plain, { of: tagged.soft })).toEqual(loadedNow);
      });
    },
    'invalidating the tag of a stored version ends its entries': (world) =>
      world.within(async ({ cache }) => {
        await cache.invalidate(tag('stored', tagged.kept));
        expect(await cache.read(json, { of: tagged.kept })).toEqual(loadedNow);
        expect(await cache.read(sealed, { of: tagged.kept })).toEqual(loadedNow);
      }),
    'the lease of a dead isolate delays a reader at most by its wait, and no reader after its end': (world) =>
      world.within(async ({ cache }, { redis }) => {
        await expect(cache.read(leased, { of: 'leased' })).rejects.toMatchObject({ code: 'CACHE_BUSY' });
        // The test ends the lease, because it cannot move the time of Redis.
        expect(await redis.del(key(TENANT, 'lease', 'stored-leased', 'of', 'leased'))).toBe(1);
        expect(await cache.read(leased, { of: 'leased' })).toEqual(loadedNow);
      }),
    'plain values and counters of cache.store are readable': (world) =>
      world.within(async ({ cache }) => {
        expect(await cache.store.get('report:of:kelp')).toEqual(recorded());
        expect(await cache.store.get('report:short')).toEqual(['text']);
        expect(await cache.store.ttl('report:short')).toBeGreaterThan(29 * 86_400_000);
        expect(await cache.store.increment('visits')).toBe(42);
      }),
    'GET /cache/stats answers, with the counters of the day or without them': async (world) => {
      const response = await world.request('/cache/stats');
      expect(response.status).toBe(200);
      const { today } = (await response.json()) as { today: { byQuery: Record<string, object> } };
      expect([undefined, 7]).toContainEqual((today.byQuery['deal'] as { hits?: number } | undefined)?.hits);
    },
  },
};
