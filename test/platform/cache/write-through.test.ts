/** Write-through: the database first, then the cache; in every order of two writers the newer value stays. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { query } from '../../../src/platform/cache/index.ts';
import type { Transaction } from '../../../src/platform/db/index.ts';
import type { DataContext, Scope } from '../../../src/platform/http/index.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { createTestApp } from '../../support/app.ts';
import { barrier } from '../../support/isolate.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

const companyName = query('test-company-name', {
  ttl: '5m',
  tags: ({ id }: { id: string }) => [tag('test-company', id)],
  load: async ({ id }, { tenant, db }: DataContext) => {
    const where = { tenantId_id: { tenantId: tenant, id } };
    return (await (await db()).company.findUnique({ where, select: { name: true } }))?.name ?? null;
  },
});

let app: ReturnType<typeof createTestApp>;
let tenant: OwnTenant;
let id: string;
const scopes: Scope[] = [];
beforeAll(async () => {
  app = createTestApp();
  tenant = await createTenant(inject('cloud').postgres.url);
});
beforeEach(async () => {
  const created = await app.request('/companies', { method: 'POST', key: tenant.keys.all, json: { name: 'one' } });
  id = ((await created.json()) as { id: string }).id;
});
afterEach(() => Promise.all(scopes.splice(0).map((scope) => scope.end())));
afterAll(() => app.close());

function open() {
  const scope = app.platform.scope();
  scopes.push(scope);
  return { scope, cache: scope.tenant(tenant.id).cache };
}

const rename = (name: string) => async (tx: Transaction) => {
  await tx.db.company.update({ where: { tenantId_id: { tenantId: tenant.id, id } }, data: { name } });
  return name;
};

describe('cache.write', () => {
  test('costs two requests, and the next read is a hit with the written value', async () => {
    const { scope, cache } = open();
    await cache.read(companyName, { id });
    const before = { ...scope.redisMeter };
    expect(await cache.write(companyName, { id }, rename('two'))).toBe('two');
    expect(scope.redisMeter.requests - before.requests).toBe(2);
    expect(scope.redisMeter.commands - before.commands).toBe(2);
    const reader = open();
    expect(await reader.cache.read(companyName, { id })).toBe('two');
    expect(reader.scope.reads).toEqual([{ outcome: 'HIT', query: 'test-company-name' }]);
    expect(reader.scope.database.meter.queries).toBe(0);
  });

  test('a value above CACHE_LARGEST_ENTRY is written and not stored, and the old entry ends', async () => {
    const { scope, cache } = open();
    await cache.read(companyName, { id });
    const large = 'x'.repeat(1_048_576);
    const before = scope.statistics.total.oversized;
    expect(await cache.write(companyName, { id }, async () => large)).toBe(large);
    expect(scope.statistics.total.oversized - before).toBe(1);
    const reader = open();
    expect(await reader.cache.read(companyName, { id })).toBe('one');
    expect(reader.scope.reads).toEqual([{ outcome: 'MISS', query: 'test-company-name' }]);
  });

  test('a failed write leaves the cache unchanged: still a hit, no marks', async () => {
    await open().cache.read(companyName, { id });
    const { scope, cache } = open();
    const failing = async (tx: Transaction) => {
      await rename('never')(tx);
      throw new Error('refused');
    };
    await expect(cache.write(companyName, { id }, failing)).rejects.toThrow('refused');
    await scope.end();
    const reader = open();
    expect(await reader.cache.read(companyName, { id })).toBe('one');
    expect(reader.scope.reads[0]?.outcome).toBe('HIT');
  });

  test('a reader that loaded before the write cannot overwrite the stored value', async () => {
    const selected = barrier();
    const go = barrier();
    const held = query('test-company-name', {
      ttl: '5m',
      tags: (args: { id: string }) => [tag('test-company', args.id)],
      load: async (args, context: DataContext) => {
        const [value] = await companyName.load([args], context);
        selected.resolve();
        await go.promise;
        return value;
      },
    });
    const reading = open().cache.read(held, { id });
    await selected.promise;
    await open().cache.write(companyName, { id }, rename('two'));
    go.resolve();
    expect(await reading).toBe('one');
    const reader = open();
    expect(await reader.cache.read(companyName, { id })).toBe('two');
    expect(reader.scope.reads[0]?.outcome).toBe('HIT');
  });

  test('two writers whose settles cross: neither stores, the next read loads the newer value', async () => {
    const go = barrier();
    const inside = barrier();
    // The first writer is between its mark and its commit while the second completes its write.
    const first = open().cache.write(companyName, { id }, async () => {
      inside.resolve();
      await go.promise;
      return 'first';
    });
    await inside.promise;
    // The embedded database runs one transaction at a time, so the second write is an invalidation without one.
    await open().cache.invalidate(tag('test-company', id));
    go.resolve();
    await first;
    const reader = open();
    expect(await reader.cache.read(companyName, { id })).toBe('one');
    expect(reader.scope.reads[0]?.outcome).toBe('MISS');
  });

  test('a query without tags is refused before any write', async () => {
    const untagged = query('test-untagged', { ttl: '5m', load: async () => 'x' });
    await expect(open().cache.write(untagged, {}, rename('two') as never)).rejects.toThrow(/test-untagged needs a tag/);
    expect(await open().cache.read(companyName, { id })).toBe('one');
  });
});
