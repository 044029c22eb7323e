import { beforeEach, expect, it, vi } from 'vitest';

const loaded: string[] = [];
const disconnect = vi.fn(async () => {});
const connectionString = 'postgresql://nobody@nowhere.invalid/none';
let openDatabase: typeof import('../../../src/platform/db/client.ts').openDatabase;
let openDatabasePool: typeof import('../../../src/platform/db/pool.ts').openDatabasePool;

/** Each test begins with modules that are not loaded yet. */
beforeEach(async () => {
  vi.resetModules();
  loaded.length = 0;
  disconnect.mockClear();
  vi.doMock('#prisma', () => {
    loaded.push('prisma');
    return {
      PrismaClient: class {
        $disconnect = disconnect;
        $extends = () => this;
      },
    };
  });
  vi.doMock('@prisma/adapter-pg', () => {
    loaded.push('adapter');
    return { PrismaPg: class {} };
  });
  vi.doMock('../../../src/platform/db/meter.ts', () => ({ meterAdapter: (factory: unknown) => factory }));
  ({ openDatabase } = await import('../../../src/platform/db/client.ts'));
  ({ openDatabasePool } = await import('../../../src/platform/db/pool.ts'));
});

it('loads neither Prisma nor the driver for a scope that makes no query', async () => {
  const pool = openDatabasePool({ connectionString });
  await openDatabase({ connectionString }).close();
  await openDatabase({ connectionString, pool }).close();
  await pool.close();
  expect(loaded).toEqual([]);
  expect(disconnect).not.toHaveBeenCalled();
});

it('creates one client for a scope and closes it when the scope ends', async () => {
  const scope = openDatabase({ connectionString });
  const [one, two] = await Promise.all([scope.client(), scope.client()]);
  expect(one).toBe(two);
  expect(loaded.toSorted()).toEqual(['adapter', 'prisma']);
  await Promise.all([scope.close(), scope.close()]);
  expect(disconnect).toHaveBeenCalledTimes(1);
});

it('leaves the pool’s client open when a scope ends', async () => {
  const pool = openDatabasePool({ connectionString });
  for (const scope of [openDatabase({ connectionString, pool }), openDatabase({ connectionString, pool })]) {
    await scope.client();
    await scope.close();
  }
  expect(disconnect).not.toHaveBeenCalled();
  await pool.close();
  expect(disconnect).toHaveBeenCalledTimes(1);
});
