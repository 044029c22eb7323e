import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyMigrations } from '../../../prisma/apply.ts';
import { type Database, openDatabase } from '../../../src/platform/db/client.ts';
import { type DatabasePool, openDatabasePool } from '../../../src/platform/db/pool.ts';
import { openTestDatabase, send, type TestDatabase } from './database.ts';

let database: TestDatabase;
let pool: DatabasePool;
beforeAll(async () => {
  database = await openTestDatabase();
  await applyMigrations(database.connectionString);
  await send(database.connectionString, "INSERT INTO tenants VALUES ('acme', 'Acme', 'USD', now(), now())");
  pool = openDatabasePool({ connectionString: database.connectionString });
});
afterAll(async () => {
  await pool.close();
  await database.close();
});

const modes: [string, () => Database][] = [
  ['with its own connections', () => openDatabase(database)],
  ['over a pool', () => openDatabase({ ...database, pool })],
];

describe.each(modes)('a scope %s', (_, open) => {
  it('meters each statement, but no transaction control', async () => {
    const scope = open();
    const client = await scope.client();
    const cost = async (work: () => Promise<unknown>) => {
      const before = scope.meter.queries;
      await work();
      return scope.meter.queries - before;
    };
    expect(await cost(() => client.tenant.count())).toBe(1);
    expect(await cost(() => client.tenant.findMany({ include: { users: true, deals: true } }))).toBe(3);
    expect(await cost(() => client.$queryRaw`SELECT 1`)).toBe(1);
    expect(await cost(() => client.$transaction([client.user.count(), client.deal.count()]))).toBe(2);
    expect(
      await cost(() => client.$transaction(async (tx) => [await tx.user.count(), await tx.$executeRaw`SELECT 1`])),
    ).toBe(2);
    expect(await cost(() => client.$queryRaw`SELECT broken`.catch(() => {}))).toBe(1);
    expect(scope.meter.ms).toBeGreaterThan(0);
    await scope.close();
  });

  it('counts only its own statements, in any interleaving', async () => {
    const scopes = await Promise.all(
      [3, 1, 4, 2].map(async (times) => {
        const scope = open();
        const client = await scope.client();
        for (let i = 0; i < times; i++) await client.tenant.count();
        await client.$transaction(async (tx) => {
          for (let i = 0; i < times; i++) await tx.user.count();
        });
        await scope.close();
        return scope.meter.queries;
      }),
    );
    expect(scopes).toEqual([6, 2, 8, 4]);
  });

  it('refuses to give a client after its end', async () => {
    const scope = open();
    await scope.close();
    await scope.close();
    await expect(scope.client()).rejects.toMatchObject({ code: 'DB_UNAVAILABLE' });
  });
});

it('closes its own connections', async () => {
  const scope = openDatabase(database);
  await (await scope.client()).tenant.count();
  await scope.close();
  await expect((await openDatabase({ ...database, pool }).client()).tenant.count()).resolves.toBe(1);
});

it('tells the connections of the process in use, idle and waiting', async () => {
  const own = openDatabasePool({ ...database, maxConnections: 1 });
  const scope = openDatabase({ ...database, pool: own });
  expect(scope.poolUse()).toEqual({ inUse: 0, idle: 0, waiting: 0, most: 1 });
  const client = await scope.client();
  await client.tenant.count();
  expect(scope.poolUse()).toEqual({ inUse: 0, idle: 1, waiting: 0, most: 1 });
  await client.$transaction(async () => {
    expect(scope.poolUse()).toMatchObject({ inUse: 1, idle: 0 });
  });
  await own.close();
  expect(openDatabase(database).poolUse()).toBeNull();
});
