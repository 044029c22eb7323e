/**
 * The shared counters are exact: they equal what has happened, for any number of isolates, any interleaving of their
 * flushes, flushes that fail, answers that are lost, repeated flushes, and isolates that end.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Counters, createCounters, readCounters, readTimeline } from '../../../src/platform/counters/index.ts';
import type { TransportFetch } from '../../../src/platform/redis/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate } = suiteRedis();
const MINUTE_MS = 60_000;

/**
 * How a flush ends. `refused`: it does not reach Redis. `lost`: Redis runs it, and its answer is lost. `torn`: Redis
 * refuses the first of its commands, and runs the others.
 */
type Ending = 'answered' | 'refused' | 'lost' | 'torn';

const breaks: Record<Ending, TransportFetch | undefined> = {
  answered: undefined,
  refused: () => Promise.reject(new TypeError('fetch failed')),
  async lost(url, init) {
    await (await fetch(url, init)).text();
    throw new TypeError('the answer is lost');
  },
  async torn(url, init) {
    const [, ...commands] = JSON.parse(String(init.body)) as unknown[][];
    const answer = await fetch(url, { ...init, body: JSON.stringify(commands) });
    const results = commands.length === 0 ? [] : ((await answer.json()) as unknown[]);
    return Response.json([{ error: 'OOM command not allowed' }, ...results]);
  },
};
/** A client of a new isolate, so that no breaker opens. */
const clientOf = (ending: Ending) => {
  const broken = breaks[ending];
  return isolate(broken ? { fetch: broken } : {}).scope('-').redis;
};

const of = fc.integer({ min: 0, max: 3 });
const ending = fc.constantFrom<Ending>('answered', 'refused', 'lost', 'torn');
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('count' as const), of, by: fc.integer({ min: 1, max: 9 }) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('flush' as const), of, ending }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('flush twice at once' as const), of, endings: fc.tuple(ending, ending) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 90_000 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), of }) },
  ),
  { minLength: 5, maxLength: 40 },
);

/** Two metrics of each count: with 1 field for each command, a flush has at least two commands. */
const COUNTED = ['cache.sets', 'cache.loads'] as const;

/** The counts of an isolate that are in no flush yet, and those of its running flush. */
interface Model {
  counters: Counters;
  open: Map<number, number>;
  taken: Map<number, number> | null;
}

test('counts equal what has happened, in each minute and in total', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const query = newTenant();
      let now = Date.UTC(2026, 10, 20, 12, 30);
      const started = now;
      /** The counts that have reached Redis, by minute. */
      const arrived = new Map<number, number>();
      const born = (): Model => ({
        counters: createCounters({ now: () => now, token: newTenant, mostFields: 1 }),
        open: new Map(),
        taken: null,
      });
      const isolates = Array.from({ length: 4 }, born);
      const at = (index: number) => isolates[index] as Model;
      const add = (counts: Map<number, number>, minute: number, by: number) =>
        counts.set(minute, (counts.get(minute) ?? 0) + by);
      /** Each batch is added to Redis at most once. */
      const added = new WeakSet<object>();

      async function flush(model: Model, ...endings: Ending[]) {
        if (!model.taken && model.open.size > 0) {
          model.taken = model.open;
          model.open = new Map();
        }
        const { taken } = model;
        await Promise.all(endings.map((each) => model.counters.flush(clientOf(each))));
        if (!taken) return;
        if (endings.some((each) => each === 'answered' || each === 'lost') && !added.has(taken)) {
          added.add(taken);
          for (const [minute, by] of taken) add(arrived, minute, by);
        }
        if (endings.includes('answered')) model.taken = null;
      }

      for (const step of all) {
        if (step.do === 'wait') now += step.ms;
        else if (step.do === 'die') isolates[step.of] = born();
        else if (step.do === 'flush') await flush(at(step.of), step.ending);
        else if (step.do === 'flush twice at once') await flush(at(step.of), ...step.endings);
        else {
          for (const name of COUNTED) at(step.of).counters.count(name, { query }, step.by);
          add(at(step.of).open, Math.floor(now / MINUTE_MS), step.by);
        }
      }
      for (const model of isolates) {
        while (model.taken || model.open.size > 0) await flush(model, 'answered');
        expect(model.counters.pending().size).toBe(0);
      }

      const scope = { redis: clientOf('answered'), system: { now: () => now } };
      const minutes = 1 + Math.floor(now / MINUTE_MS) - Math.floor(started / MINUTE_MS);
      const line = await readTimeline(scope, { group: 'cache', minutes });
      for (const name of COUNTED) {
        expect(line.map((each) => each.sum(name, { query }))).toEqual(
          line.map(({ from }) => arrived.get(Math.floor((from ?? 0) / MINUTE_MS)) ?? 0),
        );
      }
      const sum = [...arrived.values()].reduce((one, other) => one + other, 0);
      for (const window of ['1h', '24h', 'today', 'total'] as const) {
        const reading = await readCounters(scope, { group: 'cache', window });
        for (const name of COUNTED) expect([window, reading.sum(name, { query })]).toEqual([window, sum]);
      }
    }),
    { numRuns: 40 },
  );
});

test('a flush has at most 8 commands; further fields leave with the next pipeline, without a wait', async () => {
  const now = Date.UTC(2026, 10, 21);
  const counters = createCounters({ now: () => now, token: newTenant, mostFields: 50 }, now - 10_000);
  const prefix = newTenant();
  for (let query = 0; query < 150; query += 1) {
    for (const outcome of ['hit', 'miss', 'stale', 'bypass'] as const) {
      counters.count('cache.reads', { query: `${prefix}-${query}`, outcome });
    }
  }
  expect(counters.isFlushDue(10_000)).toBe(true);
  await counters.flush(clientOf('answered'));
  expect(counters.pending().size).toBe(200);
  expect(counters.isFlushDue(10_000)).toBe(true);
  await counters.flush(clientOf('answered'));
  expect(counters.pending().size).toBe(0);
  expect(counters.isFlushDue(10_000)).toBe(false);
  const scope = { redis: clientOf('answered'), system: { now: () => now } };
  const reading = await readCounters(scope, { group: 'cache', window: '1m' });
  const own = reading.labels('cache.reads').filter((labels) => labels.query.startsWith(prefix));
  expect(own).toHaveLength(600);
  expect(own.every((labels) => reading.sum('cache.reads', labels) === 1)).toBe(true);
});

test('the greatest value of all isolates and the newest text stay', async () => {
  let now = Date.UTC(2026, 10, 22);
  const one = createCounters({ now: () => now, token: newTenant });
  const other = createCounters({ now: () => now, token: newTenant });
  const statement = newTenant();
  for (const [counters, ms] of [
    [one, 30],
    [other, 90],
    [one, 50],
  ] as const) {
    counters.note('sql.most', { statement }, ms);
    counters.note('sql.last', { statement }, `request-${ms}`);
    await counters.flush(clientOf('answered'));
    now += MINUTE_MS;
  }
  const scope = { redis: clientOf('answered'), system: { now: () => now } };
  for (const window of ['10m', 'today', 'total'] as const) {
    const reading = await readCounters(scope, { group: 'sql', window });
    expect(reading.value('sql.most', { statement })).toBe(90);
    expect(reading.text('sql.last', { statement })).toBe('request-50');
  }
});

test('reading several groups in one turn costs 1 request, with 1 command for each group', async () => {
  const { redis, meter } = isolate().scope('-');
  const scope = { redis, system: { now: () => Date.UTC(2026, 10, 22) } };
  const read = () =>
    Promise.all((['http', 'redis', 'cache'] as const).map((group) => readCounters(scope, { group, window: '10m' })));
  await read();
  const before = { ...meter };
  await read();
  expect([meter.requests - before.requests, meter.commands - before.commands]).toEqual([1, 3]);
});
