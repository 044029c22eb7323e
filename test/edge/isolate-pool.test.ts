/** How the scopes of one isolate share clients, tested in Node: a client serves one scope at a time. */
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type DatabasePool, openDatabase, openIsolatePool } from '../../src/platform/db/index.ts';

let connectionString: string;
let pool: DatabasePool;
beforeEach(() => {
  connectionString = inject('cloud').postgres.url;
  pool = openIsolatePool({ connectionString });
});
afterEach(() => pool.close());

const open = () => openDatabase({ connectionString, pool });

test('each scope counts its own statements, in and out of transactions, however they interleave', async () => {
  const scopes = await Promise.all(
    [3, 1, 4, 2].map(async (times) => {
      const scope = open();
      const client = await scope.client();
      for (let i = 0; i < times; i++) await client.tenant.count();
      await client.$queryRaw`SELECT 1`;
      await client.$transaction([client.user.count(), client.deal.count()]);
      await client.$transaction(async (tx) => {
        for (let i = 0; i < times; i++) await tx.user.count();
        await tx.$executeRaw`SELECT 1`;
      });
      await scope.close();
      return scope.meter.queries;
    }),
  );
  expect(scopes).toEqual([10, 6, 12, 8]);
});

test('a failed transaction leaves no changes, and its scope goes on', async () => {
  const [one, two] = [open(), open()];
  const [writer, reader] = await Promise.all([one.client(), two.client()]);
  const id = 'isolate-pool';
  const seen = () => reader.tenant.findUnique({ where: { id } });
  await expect(
    writer.$transaction(async (tx) => {
      await tx.tenant.create({ data: { id, name: 'Isolate', currency: 'EUR' } });
      // On the transaction's own connection: meanwhile the embedded Postgres admits no other connection.
      expect(await tx.tenant.findUnique({ where: { id } })).toMatchObject({ id });
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  expect([await seen(), await writer.tenant.findUnique({ where: { id } })]).toEqual([null, null]);
  await Promise.all([one.close(), two.close()]);
});

test('a scope that ends closes only its own connections', async () => {
  const first = open();
  const ended = await first.client();
  await ended.tenant.count();
  const second = open();
  const going = await second.client();
  await first.close();
  await expect(going.tenant.count()).resolves.toBeGreaterThan(0);
  await expect(ended.tenant.count()).rejects.toMatchObject({ code: 'DB_UNAVAILABLE' });
  await expect(going.tenant.count()).resolves.toBeGreaterThan(0);
  await second.close();
  await expect(first.client()).rejects.toMatchObject({ code: 'DB_UNAVAILABLE' });
});

test('clients are lent again, each to one scope at a time', async () => {
  const counts = async (amount: number) => {
    const scopes = Array.from({ length: amount }, open);
    // All in one turn of the event loop: a client shared by two scopes would answer both with one statement.
    const seen = await Promise.all(
      scopes.map(async (scope) => (await scope.client()).tenant.findUnique({ where: { id: 'acme' } })),
    );
    expect(seen.every((tenant) => tenant?.id === 'acme')).toBe(true);
    await Promise.all(scopes.map((scope) => scope.close()));
    return scopes.map(({ meter }) => meter.queries);
  };
  expect(await counts(5)).toEqual([1, 1, 1, 1, 1]);
  expect(await counts(5)).toEqual([1, 1, 1, 1, 1]);
});

test('a scope that never ends does not block other scopes for long', async () => {
  const small = openIsolatePool({ connectionString, maxClients: 1 });
  const lost = openDatabase({ connectionString, pool: small });
  await (await lost.client()).tenant.count();
  const next = openDatabase({ connectionString, pool: small });
  await expect((await next.client()).tenant.count()).resolves.toBeGreaterThan(0);
  await Promise.all([next.close(), lost.close()]);
  await small.close();
});

test('a scope that ends in the middle of a transaction ends the transaction at once, not at its time limit', async () => {
  const hasty = open();
  const client = await hasty.client();
  const began = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  const outcome = client
    .$transaction(async (tx) => {
      await tx.tenant.count();
      began.resolve();
      await going.promise;
      await tx.tenant.count();
    })
    .then(
      () => 'committed',
      (error: unknown) => String(error),
    );
  await began.promise;
  await hasty.close();
  going.resolve();
  expect(await outcome).toContain('PrismaClientKnownRequestError');
  expect(await outcome).not.toMatch(/expired|timeout/);
  await expect(client.tenant.count()).rejects.toMatchObject({ code: 'DB_UNAVAILABLE' });
  const next = open();
  await expect((await next.client()).tenant.count()).resolves.toBeGreaterThan(0);
  await next.close();
});
