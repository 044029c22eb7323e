/**
 * Races of reads and writes, step by step: loaders stop at barriers, writers act in between. The rule in every order:
 * after the acknowledgement of a write, no reader gets an older value.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { markVersions, settleVersions, unmarkVersions } from '../../../src/platform/cache/change-versions.ts';
import { query } from '../../../src/platform/cache/index.ts';
import { tag, versionKey } from '../../../src/platform/redis/index.ts';
import { type Barrier, barrier, createIsolate, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

/** A source with one row, and a query whose loader can be held between its SELECT and its return. */
function source() {
  const row = { value: 1 };
  const tenant = newTenant();
  const own = createIsolate({ rest: redis.rest });
  const holds: { selected: Barrier; go: Barrier }[] = [];
  const declared = query('row', {
    ttl: '5m',
    stale: '5m',
    tags: () => [tag('row')],
    load: async () => {
      const { value } = row;
      const hold = holds.shift();
      hold?.selected.resolve();
      await hold?.go.promise;
      return value;
    },
  });
  const key = versionKey(tenant, tag('row'));
  let versions = 0;
  return {
    row,
    key,
    scope: () => own.scope(tenant),
    read: () => own.scope(tenant).cache.read(declared, {}),
    /** Starts a read whose loader has read the row but does not return yet. */
    async heldRead() {
      const hold = { selected: barrier(), go: barrier() };
      holds.push(hold);
      const scope = own.scope(tenant);
      const done = scope.cache.read(declared, {});
      await hold.selected.promise;
      return { done, go: hold.go.resolve, outcomes: scope.outcomes };
    },
    invalidate: () => own.scope(tenant).cache.invalidate(tag('row')),
    forget: () => own.scope(tenant).cache.forget(declared, {}),
    mark: (writer: string) => markVersions(own.scope(tenant).redis, [key], writer, `v${versions++}`),
    unmark: (writer: string) => unmarkVersions(own.scope(tenant).redis, [key], writer, `v${versions++}`),
    settle: (writer: string) => settleVersions(own.scope(tenant).redis, [key], writer, `v${versions++}`),
    version: () => own.scope(tenant).redis.get<string>(key),
    loseVersion: () => own.scope(tenant).redis.del(key),
    ttl: () => own.scope(tenant).redis.pttl(key),
  };
}

describe('a fill that raced an invalidation is never served', () => {
  test.each(['invalidate', 'forget'] as const)('%s while a loader holds the old value', async (change) => {
    const { row, heldRead, read, ...rest } = source();
    const reader = await heldRead();
    row.value = 2;
    await rest[change]();
    reader.go();
    await reader.done;
    expect(await read()).toBe(2);
  });

  test('… while a loader holds the old value and another read has filled the new one', async () => {
    const { row, heldRead, read, forget } = source();
    const reader = await heldRead();
    row.value = 2;
    await forget();
    expect(await read()).toBe(2);
    reader.go();
    await reader.done;
    expect(await read()).toBe(2);
  });
});

describe('between mark and settle', () => {
  test('readers load from the database and store nothing', async () => {
    const { row, read, mark, settle } = source();
    expect(await read()).toBe(1);
    await mark('w1');
    row.value = 2;
    expect(await read()).toBe(2);
    row.value = 3;
    expect(await read()).toBe(3);
    await settle('w1');
    expect(await read()).toBe(3);
    row.value = 99; // Changed without an invalidation, to show that the last read was stored.
    expect(await read()).toBe(3);
  });

  test('a loader that began before the mark cannot revive the old value after the settle', async () => {
    const { row, heldRead, read, mark, settle } = source();
    const reader = await heldRead();
    await mark('w1');
    row.value = 2;
    await settle('w1');
    reader.go();
    expect(await reader.done).toBe(1);
    expect(await read()).toBe(2);
  });

  test('markers add up: the first writer’s settle does not end the second writer’s marker', async () => {
    const { row, read, mark, settle } = source();
    await read();
    await mark('w1');
    await mark('w2');
    row.value = 2;
    await settle('w1');
    expect(await read()).toBe(2);
    row.value = 3;
    expect(await read()).toBe(3);
    await settle('w2');
    expect(await read()).toBe(3);
  });

  test('a plain invalidation does not end a writer’s marker', async () => {
    const { row, read, mark, invalidate } = source();
    await mark('w1');
    await invalidate();
    expect(await read()).toBe(1);
    row.value = 2;
    expect(await read()).toBe(2);
  });

  test('marking and settling again changes only the version', async () => {
    const { mark, settle, version } = source();
    await mark('w1');
    await mark('w1');
    expect((await version())?.split('!')[1]?.split(',')).toHaveLength(1);
    await settle('w1');
    await settle('w1');
    expect(await version()).not.toContain('!');
  });

  test('a writer that dies leaves a marker that expires', async () => {
    const { mark, ttl, settle } = source();
    await mark('dead');
    expect(await ttl()).toBeGreaterThan(14 * 60_000);
    expect(await ttl()).toBeLessThanOrEqual(15 * 60_000);
    await settle('dead');
    expect(await ttl()).toBeGreaterThan(30 * 86_400_000);
  });

  test('an expired marker is removed by the next writer', async () => {
    const { scope, key, version, mark, settle } = source();
    await mark('w1');
    await scope().redis.set(key, `${await version()},dead@1000`);
    await settle('w1');
    expect(await version()).not.toContain('!');
  });

  test.each(['unmark', 'mark'] as const)(
    '%s does not restore the version under a dead writer’s marker',
    async (next) => {
      const { row, key, scope, version, read, mark, unmark } = source();
      await read();
      await mark('dead'); // … commits and dies before it settles; no drain runs.
      row.value = 2;
      await mark('w2');
      await scope().redis.set(key, ((await version()) ?? '').replace(/dead@\d+/, 'dead@1000'));
      if (next === 'mark') await mark('w3');
      await unmark('w2');
      if (next === 'mark') await unmark('w3');
      expect(await version()).not.toContain('!');
      expect(await read()).toBe(2);
    },
  );

  test('unmarking keeps the version: the cached value is a hit again', async () => {
    const { row, read, mark, unmark } = source();
    await read();
    await mark('w1');
    row.value = 99; // Rolled back, so no reader may see this value.
    await unmark('w1');
    expect(await read()).toBe(1);
  });

  test('a lost version is a miss, and a settle after it leaves no marker', async () => {
    const { row, read, mark, settle, loseVersion, version } = source();
    await read();
    await mark('w1');
    await loseVersion();
    row.value = 2;
    expect(await read()).toBe(2);
    await settle('w1');
    expect(await version()).not.toContain('!');
    expect(await read()).toBe(2);
  });
});
