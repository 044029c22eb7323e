/**
 * Every operation of the cache × a redis-server that answers with refusals: the table "A Redis that refuses" of
 * docs/cache-faults.md. A row has the caller's result, the next read of another isolate, and its read once Redis
 * accepts all commands again.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RedisRest } from '../../../dev/redis-rest/server.ts';
import { flushWrites, type LoadContext, query } from '../../../src/platform/cache/index.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import type { SqlStore, SqlValue } from '../../../src/platform/sql/index.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { changeTag, createStage, type Isolate, type Stage } from '../../support/cache-stage.ts';
import { createIsolate, newTenant } from '../../support/isolate.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../../support/redis-server.ts';
import { startAppRest } from '../../support/rest.ts';

/** The results of the caller, of the next reader, and of a reader once Redis accepts all commands again. */
type Outcome = readonly [gets: string, then: string, finally_: string];
type State = 'full' | 'read-only' | 'no permission';

interface Operation {
  run(isolate: Isolate, on: Stage): Promise<unknown>;
  /** `false`: the entry is not cached before. */
  cached?: false;
  outcomes: Readonly<Record<State, Outcome>>;
}

const refusedBy = (gets: Record<State, string>, then: string, last: string): Record<State, Outcome> => ({
  full: [gets.full, then, last],
  'read-only': [gets['read-only'], then, last],
  'no permission': [gets['no permission'], then, last],
});
const always = (gets: string) => ({ full: gets, 'read-only': gets, 'no permission': gets });

const written: Readonly<Record<State, Outcome>> = {
  full: ['done', 'BYPASS', 'MISS'],
  'read-only': ['COMMIT_REFUSED', 'HIT', 'HIT'],
  'no permission': ['COMMIT_REFUSED', 'HIT', 'HIT'],
};
const removed: Readonly<Record<State, Outcome>> = {
  full: ['done', 'BYPASS', 'MISS'],
  'read-only': ['READONLY', 'HIT OLD', 'HIT OLD'],
  'no permission': ['refused', 'HIT OLD', 'HIT OLD'],
};

const operations: Record<string, Operation> = {
  'a hit': {
    run: ({ cache }, { declared }) => cache.read(declared, { id: 1 }),
    outcomes: refusedBy(always('HIT'), 'HIT', 'HIT'),
  },
  'a miss': {
    run: ({ cache }, { declared }) => cache.read(declared, { id: 1 }),
    cached: false,
    outcomes: refusedBy(always('BYPASS'), 'BYPASS', 'MISS'),
  },
  readMany: {
    run: ({ cache }, { declared }) => cache.readMany(declared, [{ id: 1 }, { id: 2 }, { id: 3 }]),
    cached: false,
    outcomes: refusedBy(always('BYPASS BYPASS BYPASS'), 'BYPASS', 'MISS'),
  },
  invalidate: {
    run({ cache }, { row }) {
      row.value = 'new';
      return cache.invalidate(tag('row'));
    },
    outcomes: removed,
  },
  invalidateSoftly: {
    run({ cache }, { row }) {
      row.value = 'new';
      return cache.invalidateSoftly(tag('row'));
    },
    outcomes: removed,
  },
  forget: {
    run({ cache }, { row, declared }) {
      row.value = 'new';
      return cache.forget(declared, { id: 1 });
    },
    outcomes: removed,
  },
  forgetMatching: {
    run({ cache }, { row }) {
      row.value = 'new';
      return cache.forgetMatching('row:*');
    },
    outcomes: removed,
  },
  commit: { run: changeTag, outcomes: written },
  'write (write-through)': {
    run: ({ cache }, { declared }) => cache.write(declared, { id: 1 }, async () => 'new'),
    outcomes: written,
  },
};

describe.skipIf(!hasRedisServer)('a Redis that refuses', () => {
  let server: RedisServer;
  let rest: RedisRest;
  beforeAll(async () => {
    server = await startRedisServer();
    rest = await startAppRest({ redisUrl: server.url });
  });
  afterEach(async () => {
    rest.intercept = undefined;
    await server.heal();
  });
  afterAll(async () => {
    await rest.close();
    await server.close();
  });

  const states: Record<State, () => Promise<void>> = {
    full: () => server.fill(),
    'read-only': () => server.makeReadOnly(),
    'no permission': () => server.forbid('-@write', '+eval', '+evalsha'),
  };

  describe.each(Object.entries(operations))('%s', (_name, { run, cached, outcomes }) => {
    test.each(Object.entries(states) as [State, () => Promise<void>][])('%s', async (state, make) => {
      for (const whenDown of ['available', 'strict'] as const) {
        const on = createStage(rest, whenDown);
        await on.begin(cached !== false);
        await make();
        const isolate = on.isolate();
        const gets = await run(isolate, on).then(
          () => isolate.outcomes.join(' ') || 'done',
          (error: { code?: string; reply?: string }) =>
            /^REDIS_(COMMAND|NOPERM)$/.test(error.code ?? '')
              ? error.reply === 'READONLY'
                ? error.reply
                : 'refused'
              : error.code,
        );
        await isolate.settled();
        const then = await on.read();
        await on
          .isolate()
          .drain()
          .catch(() => undefined);
        expect(await on.read()).toBe(then);
        await server.heal();
        expect([gets, then, await on.read()]).toEqual(outcomes[state]);
        await on.isolate().drain();
        const last = await on.read();
        expect(last.endsWith('OLD')).toBe(outcomes[state][2].endsWith('OLD'));
      }
    });
  });

  test.each(Object.entries(states))(
    '%s: write-behind is refused, and the journal stays unchanged',
    async (state, make) => {
      const tenant = newTenant();
      const applied: number[] = [];
      const declared = query<{ id: string }, number, LoadContext>(`behind-${tenant}`, {
        ttl: '5m',
        tags: () => [tag('behind')],
        load: async () => applied.at(-1) ?? 0,
        flush: async (writes) => void applied.push(...writes.map(({ value }) => value)),
      });
      const scope = () => createIsolate({ rest }).scope(tenant);
      const noted = new Set<string>();
      const store: SqlStore = {
        transaction: async (work) => work(undefined),
        async query<Row extends object>(_text: string, [ids]: readonly SqlValue[]) {
          const fresh = Array.isArray(ids) ? ids.filter((id) => !noted.has(id)) : [];
          for (const id of fresh) noted.add(id);
          return fresh.map((id) => ({ id })) as Row[];
        },
      };
      const services = { system: realSystem, sealer: null, store };
      const flush = () => flushWrites({ ...services, redis: scope().redis }, declared);

      await scope().cache.writeBehind(declared, { id: '1' }, 1);
      await make();
      await expect(scope().cache.writeBehind(declared, { id: '1' }, 2)).rejects.toMatchObject({
        code: expect.stringMatching(/^REDIS_(COMMAND|NOPERM)$/),
      });
      expect(await scope().cache.read(declared, { id: '1' })).toBe(1);
      // Applied writes are removed from the journal only if Redis allows it: a full one does, since that frees memory.
      if (state === 'full') await flush();
      else await expect(flush()).rejects.toMatchObject({ code: expect.stringMatching(/^REDIS_(COMMAND|NOPERM)$/) });
      expect([applied, await scope().cache.read(declared, { id: '1' })]).toEqual([[1], 1]);

      await server.heal();
      expect((await flush()).taken).toBe(state === 'full' ? 0 : 1);
      expect([applied, await scope().cache.read(declared, { id: '1' })]).toEqual([[1], 1]);
    },
  );

  test.each(Object.entries(states))(
    '%s: the plain store reads; its writes are errors and change nothing',
    async (state, make) => {
      const { store } = createIsolate({ rest }).scope(newTenant()).cache;
      await store.set('visits', 1);
      await store.set('other', 1);
      await make();
      for (const change of [
        () => store.set('visits', 2),
        () => store.mset({ visits: 2 }),
        () => store.setnx('new', 2),
        () => store.increment('visits'),
      ]) {
        await expect(change()).rejects.toMatchObject({ name: expect.any(String) });
      }
      expect([await store.get('visits'), await store.get('new')]).toEqual([1, undefined]);
      if (state === 'full') expect(await store.delete('other')).toBe(true);
      else
        await expect(store.delete('other')).rejects.toMatchObject({
          code: expect.stringMatching(/^REDIS_(COMMAND|NOPERM)$/),
        });
      expect(await store.get('other')).toBe(state === 'full' ? undefined : 1);
    },
  );

  test.each([
    ['full', () => server.fill(), 4],
    ['read-only', () => server.makeReadOnly(), 3],
  ] as const)('%s: the cost of a write', async (_state, make, requests) => {
    const on = createStage(rest);
    await on.begin(true);
    await make();
    const isolate = on.isolate();
    await changeTag(isolate).catch(() => undefined);
    await isolate.settled();
    // Full: mark and delete, settle and delete. Read-only: mark and delete, and after the answer the marks are removed.
    expect(isolate.meter).toMatchObject({ requests, commands: requests });
  });

  /** Redis has memory between the two deletions of a write, and a reader stores the old value; later faults follow. */
  async function fillBetweenDeletions(on: Stage, then: () => Promise<void>): Promise<void> {
    await server.fill();
    let deletions = 0;
    rest.intercept = async ({ commands: [command] }) => {
      if (command?.[0].toLowerCase() !== 'unlink') return 'pass';
      deletions += 1;
      if (deletions > 1) return 'pass';
      await server.admin(...command.map(String));
      await server.heal();
      expect(await on.read()).toBe('MISS');
      expect(await on.read()).toBe('HIT');
      await then();
      return { status: 200, body: [{ result: 1 }] };
    };
  }

  test('a value stored between the two deletions is removed by the second', async () => {
    const on = createStage(rest);
    await on.begin(true);
    await fillBetweenDeletions(on, () => server.fill());
    await changeTag(on.isolate());
    rest.intercept = undefined;
    expect(await on.read()).toBe('BYPASS');
  });

  test('if the second deletion is refused, the write is not acknowledged, and the drain ends the value', async () => {
    const on = createStage(rest);
    await on.begin(true);
    await fillBetweenDeletions(on, () => server.makeReadOnly());
    await expect(changeTag(on.isolate())).rejects.toMatchObject({ code: 'COMMIT_UNSETTLED' });
    rest.intercept = undefined;
    expect(await on.read()).toBe('HIT OLD');
    await server.heal();
    await on.isolate().drain();
    expect(await on.read()).toBe('MISS');
  });

  test('if the second deletion is refused and no value was stored in between, the write is acknowledged', async () => {
    const on = createStage(rest);
    await on.begin(true);
    await server.fill();
    let deletions = 0;
    rest.intercept = async ({ commands: [command] }) => {
      if (command?.[0].toLowerCase() === 'unlink') deletions += 1;
      if (deletions === 2) await server.makeReadOnly();
      return 'pass' as const;
    };
    await changeTag(on.isolate());
    rest.intercept = undefined;
    expect(await on.read()).toBe('BYPASS');
  });
});
