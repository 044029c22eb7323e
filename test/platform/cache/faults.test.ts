/**
 * Every operation of the cache × every fault of its request, with the outcomes that docs/cache-faults.md lists. A row
 * has the caller's result, the next read of another isolate, and its read once late requests have arrived and the
 * outbox is drained.
 */
import { describe, expect, test } from 'vitest';
import { tag } from '../../../src/platform/redis/index.ts';
import {
  changeTag,
  createStage,
  type Fault,
  type Isolate,
  type Stage,
  type Step,
  trouble,
} from '../../support/cache-stage.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { rest } = suiteRedis();

/** The results of the caller, of the next reader, and of a reader in the end. */
type Outcome = readonly [gets: string, then: string, finally_: string];

interface Operation {
  step: Step;
  run(isolate: Isolate, on: Stage): Promise<unknown>;
  /** `false`: the entry is not cached before. */
  cached?: false;
  outcomes: Readonly<Record<Fault, Outcome>>;
}

const readOne = ({ cache }: Isolate, { declared }: Stage) => cache.read(declared, { id: 1 });
const readThree = ({ cache }: Isolate, { declared }: Stage) =>
  cache.readMany(declared, [{ id: 1 }, { id: 2 }, { id: 3 }]);
const writeThrough = ({ cache }: Isolate, { declared }: Stage) => cache.write(declared, { id: 1 }, async () => 'new');

/** Outcomes in order: the caller, the next reader, readers once all requests have arrived and the outbox is drained. */
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
      // The lease cannot be released either: readers wait until it ends after 4 s, and one of them loads and stores.
      gone: ['MISS, 4 requests', 'MISS after waiting', 'HIT'],
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
      gone: ['MISS MISS MISS, 4 requests', 'MISS after waiting', 'HIT'],
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
      // The double fault: neither the mark nor the settle arrives. The drain ends the old value.
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
      // A mark without an answer may arrive after the settle, so the outbox entry stays and the drain settles again.
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
    const on = createStage(rest());
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
  ] as const)('%s: the caller gets %s, and the final count is %d', async (fault, gets, counted) => {
    const on = createStage(rest());
    const { isolate, arrive } = await trouble(on, 'increment', fault);
    const got = await isolate.cache.store.increment('visits').catch((error: { code: string }) => error.code);
    expect(got).toBe(gets);
    await arrive();
    expect((await on.isolate().cache.store.get('visits')) ?? 0).toBe(counted);
  });
});
