import { beforeEach, expect, it, vi } from 'vitest';
import { openDatabase } from '../../../src/platform/db/client.ts';
import { openDatabasePool } from '../../../src/platform/db/pool.ts';

const loaded: string[] = [];
const disconnect = vi.fn(async () => {});

vi.mock('#prisma', () => {
  loaded.push('prisma');
  return {
    PrismaClient: class {
      $disconnect = disconnect;
      $extends = () => this;
    },
  };
});
vi.mock('@prisma/adapter-pg', () => {
  loaded.push('adapter');
  return { PrismaPg: class {} };
});
vi.mock('../../../src/platform/db/meter.ts', () => ({ meterAdapter: (factory: unknown) => factory }));

const connectionString = 'postgresql://nobody@nowhere.invalid/none';

beforeEach(() => disconnect.mockClear());

it('loads neither Prisma nor the driver for a scope that asks for nothing', async () => {
  const pool = openDatabasePool({ connectionString });
  await openDatabase({ connectionString }).close();
  await openDatabase({ connectionString, pool }).close();
  await pool.close();
  expect(loaded).toEqual([]);
  expect(disconnect).not.toHaveBeenCalled();
});

it('makes one client for a scope, and ends it with the scope', async () => {
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
