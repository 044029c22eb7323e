/** The shared circuit of third parties, and statistics, on a Redis that refuses, and on one that forgets. */
import { expect, test } from 'vitest';
import { createCounters, readCounters } from '../../../src/platform/counters/index.ts';
import { createRefusals, readRefusals } from '../../../src/platform/jobs/qstash/refusals.ts';
import { createRefusalNotes, key } from '../../../src/platform/redis/index.ts';
import { createIsolate } from '../../support/isolate.ts';
import { createWorld, fail } from '../outbound/isolates.ts';
import { describeFaults, faultyRedis, STATES } from './world.ts';

const redis = faultyRedis();
const DAY = Date.UTC(2026, 10, 20);

describeFaults('the circuit of a third party', () => {
  test.each(STATES)('%s: a closed circuit lets calls pass', async (state) => {
    const { isolate } = createWorld(redis.rest());
    await redis.make(state);
    expect(await isolate().call()).toBe('done');
  });

  test.each(STATES)('%s: each isolate counts its own failures and opens by itself', async (state) => {
    const { isolate } = createWorld(redis.rest(), { threshold: 3 });
    const [one, other] = [isolate(), isolate()];
    await redis.make(state);
    for (let failure = 0; failure < 3; failure += 1) expect(await one.call(fail)).toBe('OUTBOUND_FAILED');
    expect(await one.call()).toBe('OUTBOUND_OPEN');
    expect(await other.call()).toBe('done');
  });

  test.each(STATES)(
    '%s: an open circuit stays open, and each isolate makes its own probe after the open time',
    async (state) => {
      const world = createWorld(redis.rest(), { threshold: 1, openFor: '30s' });
      const [one, other] = [world.isolate(), world.isolate()];
      await one.call(fail);
      await redis.make(state);
      expect(await other.call()).toBe('OUTBOUND_OPEN');
      await redis.heal();
      await world.elapse(31_000);
      await redis.make(state);
      expect(await one.call()).toBe('done');
    },
  );

  test('a failover that forgets failures: the circuit opens after as many further failures', async () => {
    const { isolate, state } = createWorld(redis.rest(), { threshold: 2 });
    await redis.forget(() => isolate().call(fail));
    await isolate().call(fail);
    expect((await state())['open']).toBeUndefined();
    await isolate().call(fail);
    expect((await state())['open']).toBeDefined();
  });
});

describeFaults('counters', () => {
  const countersAt = (now: number) => createCounters({ now: () => now, token: () => crypto.randomUUID() });

  test.each(STATES)('%s: counts wait in the isolate and are added later', async (state) => {
    const { redis: client } = createIsolate({ rest: redis.rest() }).scope('-');
    const counters = countersAt(DAY);
    const query = `query-${state}`;
    counters.count('cache.sets', { query }, 3);
    await redis.make(state);
    await counters.flush(client);
    counters.count('cache.sets', { query }, 2);
    await counters.flush(client);
    await redis.heal();
    for (let flush = 0; flush < 2; flush += 1) await counters.flush(client);
    const scope = { redis: client, system: { now: () => DAY } };
    expect((await readCounters(scope, { group: 'cache', window: '1m' })).sum('cache.sets', { query })).toBe(5);
    expect(counters.pending().size).toBe(0);
  });

  test.each(STATES)('%s: counts of refused deliveries wait in the isolate and are added later', async (state) => {
    const { redis: client } = createIsolate({ rest: redis.rest() }).scope('-');
    const refusals = createRefusals();
    const day = DAY + (1 + STATES.indexOf(state)) * 86_400_000;
    const pending: Promise<unknown>[] = [];
    const scope = {
      redis: client,
      counters: countersAt(day),
      environment: { COUNTERS_FLUSH_MS: 0 },
      after: (work: Promise<unknown> | (() => Promise<unknown>)) =>
        void pending.push(typeof work === 'function' ? work() : work),
    } as unknown as Parameters<typeof refusals.note>[0];
    await redis.make(state);
    refusals.note(scope, 'key');
    await Promise.all(pending);
    await redis.heal();
    for (let more = 0; more < 2; more += 1) {
      refusals.note(scope, 'key');
      await Promise.all(pending);
    }
    expect((await readRefusals({ redis: client, system: { now: () => day } })).key).toBeGreaterThanOrEqual(2);
    await scope.counters.flush(client);
    expect((await readRefusals({ redis: client, system: { now: () => day } })).key).toBe(3);
  });

  test('a failover that forgets counts: the counts are lost', async () => {
    const { redis: client } = createIsolate({ rest: redis.rest() }).scope('-');
    const counters = countersAt(DAY);
    counters.count('cache.sets', { query: 'query-forgotten' });
    await redis.forget(() => counters.flush(client));
    const scope = { redis: client, system: { now: () => DAY } };
    const day = await readCounters(scope, { group: 'cache', window: 'today' });
    expect(day.sum('cache.sets', { query: 'query-forgotten' })).toBe(0);
  });
});

describeFaults('a refusal is not an outage', () => {
  test.each([
    ['full', 'OOM'],
    ['read-only', 'READONLY'],
    ['no permission', 'NOPERM'],
  ] as const)(
    '%s: the breaker stays closed, and %s is logged immediately and then once a minute',
    async (state, reply) => {
      let now = DAY;
      const events: unknown[] = [];
      const log = { error: (event: string, fields: unknown) => events.push([event, fields]) };
      const onRefused = createRefusalNotes({
        now: () => now,
        log: log as unknown as Parameters<typeof createRefusalNotes>[0]['log'],
      });
      const isolate = createIsolate({ rest: redis.rest(), onRefused });
      const { redis: client } = isolate.scope('acme');
      await redis.make(state);
      const write = () => client.set(key('acme', 'item', 'one'), 'value').catch(() => undefined);
      for (let request = 0; request < 10; request += 1) await write();
      now += 60_000;
      await write();
      expect(isolate.breaker.state).toBe('closed');
      expect(events).toEqual([
        ['redis.refuses', { reply, command: 'SET', refused: 1 }],
        ['redis.refuses', { reply, command: 'SET', refused: 10 }],
      ]);
    },
  );
});
