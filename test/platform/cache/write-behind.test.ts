/** Write-behind: acknowledged by Redis, applied to the database exactly once, even if the flush dies at any step. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { flushWrites, query } from '../../../src/platform/cache/index.ts';
import type { DataContext } from '../../../src/platform/http/index.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { createTestApp } from '../../support/app.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

let app: ReturnType<typeof createTestApp>;
let tenant: OwnTenant;
let id: string;
let name = 0;
beforeAll(async () => {
  app = createTestApp();
  tenant = await createTenant(inject('cloud').postgres.url);
});
afterAll(() => app.close());

/** Counts how often each write was applied: the column is a counter, so a second application is visible. */
function headcount(queryName: string) {
  return query<{ id: string }, number, DataContext>(queryName, {
    ttl: '5m',
    tags: (args) => [tag('test-headcount', args.id)],
    load: async (args, context) => {
      const where = { tenantId_id: { tenantId: context.tenant, id: args.id } };
      return (await (await context.db()).company.findUnique({ where }))?.employees ?? 0;
    },
    flush: async (writes, tx) => {
      for (const { tenant: whose, args, value } of writes) {
        const where = { tenantId_id: { tenantId: whose, id: args.id } };
        await tx.company.update({ where, data: { employees: { increment: value } } });
      }
    },
  });
}

let declared: ReturnType<typeof headcount>;
beforeEach(async () => {
  name += 1;
  declared = headcount(`test-headcount-${tenant.id}-${name}`);
  const created = await app.request('/companies', {
    method: 'POST',
    key: tenant.keys.all,
    json: { name: `c${name}`, employees: 0 },
  });
  id = ((await created.json()) as { id: string }).id;
});

async function withScope<Result>(
  run: (scope: ReturnType<typeof app.platform.scope>) => Promise<Result>,
): Promise<Result> {
  const scope = app.platform.scope();
  try {
    return await run(scope);
  } finally {
    await scope.end();
  }
}

const write = (value: number) =>
  withScope((scope) => scope.tenant(tenant.id).cache.writeBehind(declared, { id }, value));
const read = () => withScope((scope) => scope.tenant(tenant.id).cache.read(declared, { id }));
const inDatabase = () =>
  withScope(async (scope) =>
    (await scope.database.client()).company
      .findUniqueOrThrow({ where: { tenantId_id: { tenantId: tenant.id, id } } })
      .then((row) => row.employees),
  );

/**
 * A flush whose n-th request to Redis fails, or whose database fails at commit, as if the process had died there.
 * `beforeDatabase` is awaited once the journal is read.
 */
function flush(options: { failRedisAt?: number; failCommit?: boolean; beforeDatabase?: () => Promise<unknown> } = {}) {
  return withScope(async (scope) => {
    let requests = 0;
    const redis = new Proxy(scope.redis, {
      get(target, property, receiver) {
        const value: unknown = Reflect.get(target, property, receiver);
        if (typeof value !== 'function' || !['exec', 'eval', 'evalsha'].includes(String(property))) return value;
        return (...args: unknown[]) => {
          requests += 1;
          if (requests >= (options.failRedisAt ?? Number.POSITIVE_INFINITY))
            return Promise.reject(new Error('died here'));
          return (value as (...all: unknown[]) => unknown).apply(target, args);
        };
      },
    });
    const flushed = options.failCommit
      ? {
          ...declared,
          flush: async (...args: Parameters<NonNullable<typeof declared.flush>>) => {
            await declared.flush?.(...args);
            throw new Error('died here');
          },
        }
      : declared;
    const { transaction, query } = scope.store;
    const store: typeof scope.store = {
      query,
      async transaction(...args) {
        await options.beforeDatabase?.();
        return transaction(...args);
      },
    };
    return flushWrites({ redis, system: scope.system, sealer: null, store }, flushed);
  });
}

describe('write-behind', () => {
  test('a write costs one request and one command, and all isolates read it before the database has it', async () => {
    await withScope(async (scope) => {
      await scope.tenant(tenant.id).cache.writeBehind(declared, { id }, 7);
      expect(scope.redisMeter).toMatchObject({ requests: 1, commands: 1 });
    });
    await withScope(async (scope) => {
      expect(await scope.tenant(tenant.id).cache.read(declared, { id })).toBe(7);
      expect(scope.redisMeter).toMatchObject({ requests: 1, commands: 1 });
      expect(scope.reads[0]?.outcome).toBe('HIT');
    });
    expect(await inDatabase()).toBe(0);
    expect(await flush()).toEqual({ taken: 1, alreadyApplied: 0 });
    expect(await inDatabase()).toBe(7);
    expect(await read()).toBe(7);
  });

  test('many writes are applied in their order, in one transaction; then the journal is empty', async () => {
    for (const value of [1, 2, 3]) await write(value);
    expect(await read()).toBe(3);
    expect(await flush()).toEqual({ taken: 3, alreadyApplied: 0 });
    expect(await inDatabase()).toBe(6);
    expect(await flush()).toEqual({ taken: 0, alreadyApplied: 0 });
  });

  test('a flush that dies while reading the journal or in the transaction applies nothing; the next applies all', async () => {
    await write(5);
    await expect(flush({ failRedisAt: 1 })).rejects.toThrow('died here');
    await expect(flush({ failCommit: true })).rejects.toThrow('died here');
    expect(await inDatabase()).toBe(0);
    expect(await read()).toBe(5);
    expect(await flush()).toEqual({ taken: 1, alreadyApplied: 0 });
    expect(await inDatabase()).toBe(5);
  });

  test('a flush that dies after its commit has applied all writes: the next one applies none twice', async () => {
    await write(5);
    await write(6);
    await expect(flush({ failRedisAt: 2 })).rejects.toThrow('died here');
    expect(await inDatabase()).toBe(11);
    // The value of the second write is still pending.
    expect(await read()).toBe(6);
    const again = await flush();
    expect(again.alreadyApplied).toBe(again.taken);
    expect(await inDatabase()).toBe(11);
    expect(await read()).toBe(11);
  });

  test('flushes that overlap apply each write once', async () => {
    for (const value of [1, 2, 3, 4]) await write(value);
    await Promise.all([flush(), flush(), flush()]);
    await flush();
    expect(await inDatabase()).toBe(10);
  });

  test('a flush that read the journal before another one ended applies no write twice', async () => {
    await write(4);
    const late = await flush({ beforeDatabase: () => flush() });
    expect(late).toEqual({ taken: 1, alreadyApplied: 1 });
    expect(await inDatabase()).toBe(4);
  });

  test('a write made while the journal is flushed stays pending', async () => {
    await write(1);
    const original = declared.flush;
    const racing = {
      ...declared,
      flush: async (...args: Parameters<NonNullable<typeof original>>) => {
        await original?.(...args);
        await write(2);
      },
    };
    await withScope((scope) =>
      flushWrites({ redis: scope.redis, system: scope.system, sealer: null, store: scope.store }, racing),
    );
    expect(await read()).toBe(2);
    await flush();
    expect(await inDatabase()).toBe(3);
  });

  test('a query without flush refuses', async () => {
    const plain = query<Record<never, never>, number, DataContext>('test-plain', { ttl: '1m', load: async () => 1 });
    await withScope((scope) =>
      expect(scope.tenant(tenant.id).cache.writeBehind(plain, {}, 2)).rejects.toThrow(/test-plain has no flush/),
    );
  });
});
