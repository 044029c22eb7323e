/** Conditional write-behind: in every order of writers and flushes, a write follows the value that its check accepted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flushWrites, type LoadContext, type Query, query } from '../../../src/platform/cache/index.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import type { SqlStore, SqlValue } from '../../../src/platform/sql/index.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { everyOrder, type Stop, stoppingFetch } from '../../support/interleave.ts';
import { createIsolate, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

class Refused extends Error {}
const free: Stop = async () => undefined;

/** A world with a source that keeps the values in the order in which flushes applied them, the first one being 0. */
function createSource(stop: Stop) {
  const tenant = newTenant();
  const applied = [0];
  const noted = new Set<string>();
  const store: SqlStore = {
    transaction: async (work) => work(undefined),
    async query<Row extends object>(_text: string, [ids]: readonly SqlValue[]) {
      const fresh = Array.isArray(ids) ? ids.filter((id) => !noted.has(id)) : [];
      for (const id of fresh) noted.add(id);
      return fresh.map((id) => ({ id })) as Row[];
    },
  };
  /** The query as one caller uses it: its loads stop under the caller's name. */
  const declared = (name: string): Query<Record<never, never>, number, LoadContext> =>
    query(`behind-if-${tenant}`, {
      ttl: '5m',
      tags: () => [tag('behind')],
      async load() {
        await stop(`${name} loads`);
        return applied.at(-1) ?? 0;
      },
      flush: async (writes) => void applied.push(...writes.map(({ value }) => value)),
    });
  const scope = (name: string) => {
    const stopAsking: Stop = async (label) => (label.endsWith('asks') ? stop(label) : undefined);
    return createIsolate({ rest: redis.rest, fetch: stoppingFetch(stopAsking, name) }).scope(tenant);
  };
  const writeIf = async (name: string, expected: number, value: number, on = scope(name)) => {
    const check = (current: number) => {
      if (current !== expected) throw new Refused(`${name}: ${current}`);
    };
    try {
      await on.cache.writeBehind(declared(name), {}, value, check);
      return true;
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    }
  };
  const write = (name: string, value: number) => scope(name).cache.writeBehind(declared(name), {}, value);
  const flush = (name: string) =>
    flushWrites({ redis: scope(name).redis, system: realSystem, sealer: null, store }, declared(name));
  return { applied, scope, writeIf, write, flush };
}

/** A source whose scripts Redis knows, so that no order has a step more. */
async function createKnown(stop: { now: Stop }) {
  const source = createSource((label) => stop.now(label));
  stop.now = free;
  return source;
}

describe('two writers that have seen the same value', () => {
  test.each([
    ['is pending while a flush runs', true],
    ['is in the source', false],
  ])('in every order one of them writes, if the value %s', async (_state, pending) => {
    const winners = new Set<string>();
    const turn = { now: free };
    const orders = await everyOrder(async (stop) => {
      const { applied, writeIf, write, flush } = await createKnown(turn);
      await write('before', 5);
      if (!pending) await flush('before');
      turn.now = stop;
      const [one, two] = await Promise.all([
        writeIf('one', 5, 6),
        writeIf('two', 5, 7),
        ...(pending ? [flush('flush')] : []),
      ]);
      turn.now = free;
      await flush('after');
      winners.add(one ? 'one' : 'two');
      expect(applied).toEqual([0, 5, one ? 6 : 7]);
      expect(two).toBe(!one);
    });
    expect(orders).toBeGreaterThan(pending ? 100 : 10);
    expect([...winners].toSorted()).toEqual(['one', 'two']);
  });
});

test('a write that another caller made and flushed meanwhile is seen in every order', async () => {
  const outcomes = new Set<boolean>();
  const turn = { now: free };
  const orders = await everyOrder(async (stop) => {
    const { applied, writeIf, write, flush } = await createKnown(turn);
    await write('before', 5);
    await flush('before');
    turn.now = stop;
    const [wrote] = await Promise.all([writeIf('one', 5, 6), write('other', 9).then(() => flush('other'))]);
    turn.now = free;
    await flush('after');
    outcomes.add(wrote);
    expect(applied).toEqual(wrote ? [0, 5, 6, 9] : [0, 5, 9]);
  });
  expect(orders).toBeGreaterThan(10);
  expect([...outcomes].toSorted()).toEqual([false, true]);
});

test('costs 2 requests and 2 commands, and the loader only if no value is pending', async () => {
  const { scope, writeIf } = createSource(free);
  for (const [expected, value] of [
    [0, 1],
    [1, 2],
  ] as const) {
    const on = scope('one');
    expect(await writeIf('one', expected, value, on)).toBe(true);
    expect(on.meter).toMatchObject({ requests: 2, commands: 2 });
  }
  const refused = scope('one');
  expect(await writeIf('one', 1, 3, refused)).toBe(false);
  expect(refused.meter).toMatchObject({ requests: 1, commands: 1 });
});
