import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyMigrations } from '../../../prisma/apply.ts';
import { openDatabase, type PrismaClient } from '../../../src/platform/db/client.ts';
import { type DatabaseError, toDatabaseError } from '../../../src/platform/sql/errors.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
let client: PrismaClient;
let close: () => Promise<void>;

beforeAll(async () => {
  database = await openTestDatabase();
  await applyMigrations(database.connectionString);
  const scope = openDatabase(database);
  client = await scope.client();
  close = scope.close;
  for (const tenantId of ['acme', 'globex']) {
    await client.tenant.create({ data: { id: tenantId, name: tenantId, currency: 'EUR' } });
    await client.user.create({
      data: { tenantId, id: `user-of-${tenantId}`, email: 'eve@secret.example', name: 'Eve', role: 'owner' },
    });
    await client.company.create({ data: { tenantId, id: `company-of-${tenantId}`, name: 'Secret Ltd' } });
    await client.contact.create({ data: { tenantId, id: `contact-of-${tenantId}`, name: 'Eve Secret' } });
  }
  await client.deal.create({
    data: { ...deal, id: 'deal-1', companyId: 'company-of-acme', contactId: 'contact-of-acme' },
  });
});
afterAll(async () => {
  await close();
  await database.close();
});

const deal = { tenantId: 'acme', title: 'Secret plan', value: 1 };

/** The classified failure of a call, checked for values that it must not contain. */
async function failure(call: () => Promise<unknown>): Promise<DatabaseError> {
  const error = await call().then(
    () => expect.fail('should have failed'),
    (reason: unknown) => toDatabaseError(reason),
  );
  if (error === undefined) return expect.fail('not recognised as a database error');
  expect(error.name).toBe('DatabaseError');
  expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toMatch(/secret/i);
  return error;
}

describe('isolation of tenants', () => {
  it.each([
    ['companyId', { companyId: 'company-of-globex' }],
    ['contactId', { contactId: 'contact-of-globex' }],
    ['ownerId', { ownerId: 'user-of-globex' }],
  ])('refuses a deal whose %s is another tenant’s', async (field, reference) => {
    const error = await failure(() => client.deal.create({ data: { ...deal, id: 'deal-2', ...reference } }));
    expect(error).toMatchObject({ code: 'DB_FOREIGN_KEY', fields: [field], inUse: false });
    expect(error.message).toBe(`${field} refers to no row.`);
  });

  it('refuses a reference to another tenant in an update, also in raw SQL', async () => {
    const where = { tenantId_id: { tenantId: 'acme', id: 'deal-1' } };
    const update = await failure(() => client.deal.update({ where, data: { companyId: 'company-of-globex' } }));
    expect(update).toMatchObject({ code: 'DB_FOREIGN_KEY', fields: ['companyId'] });
    const raw = await failure(() => client.$executeRaw`UPDATE deals SET company_id = 'company-of-globex'`);
    expect(raw).toMatchObject({ code: 'DB_FOREIGN_KEY', fields: ['companyId'] });
  });

  it('accepts a reference to the own tenant', async () => {
    await client.deal.create({ data: { ...deal, id: 'deal-3', companyId: 'company-of-acme' } });
  });
});

describe('deletions', () => {
  it('refuses to delete a company with deals', async () => {
    const where = { tenantId_id: { tenantId: 'acme', id: 'company-of-acme' } };
    const error = await failure(() => client.company.delete({ where }));
    expect(error).toMatchObject({ code: 'DB_FOREIGN_KEY', fields: ['companyId'], inUse: true });
    expect(error.message).toBe('Other rows still refer to this one by companyId.');
  });

  it('clears the reference to a deleted contact in its deals', async () => {
    await client.contact.delete({ where: { tenantId_id: { tenantId: 'acme', id: 'contact-of-acme' } } });
    const row = await client.deal.findUnique({ where: { tenantId_id: { tenantId: 'acme', id: 'deal-1' } } });
    expect(row).toMatchObject({ tenantId: 'acme', contactId: null, companyId: 'company-of-acme' });
  });
});

describe('other failures', () => {
  it('DB_UNIQUE names the field', async () => {
    const data = { tenantId: 'acme', id: 'user-2', email: 'eve@secret.example', name: 'Eve', role: 'member' as const };
    const error = await failure(() => client.user.create({ data }));
    expect(error).toMatchObject({ code: 'DB_UNIQUE', fields: ['email'], sqlState: '23505', prismaCode: 'P2002' });
    expect(error.message).toBe('There is already a row with this email.');
    expect(await failure(() => client.deal.create({ data: { ...deal, id: 'deal-1' } }))).toMatchObject({
      code: 'DB_UNIQUE',
      fields: ['id'],
    });
  });

  it('DB_NOT_FOUND for a missing row', async () => {
    const where = { tenantId_id: { tenantId: 'acme', id: 'secret' } };
    expect(await failure(() => client.deal.findUniqueOrThrow({ where }))).toMatchObject({ code: 'DB_NOT_FOUND' });
    expect(await failure(() => client.deal.update({ where, data: {} }))).toMatchObject({ code: 'DB_NOT_FOUND' });
    expect(await failure(() => client.deal.delete({ where }))).toMatchObject({ code: 'DB_NOT_FOUND' });
  });

  it.each([
    ['40001', 'DB_CONFLICT'],
    ['40P01', 'DB_CONFLICT'],
    ['57014', 'DB_UNAVAILABLE'],
    ['57P01', 'DB_UNAVAILABLE'],
    ['53300', 'DB_UNAVAILABLE'],
    ['55P03', 'DB_UNAVAILABLE'],
    ['23514', 'DB_QUERY'],
  ])('SQLSTATE %s is %s', async (sqlState, code) => {
    const raise = `DO $$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = '${sqlState}'; END $$`;
    expect(await failure(() => client.$executeRawUnsafe(raise))).toMatchObject({ code, sqlState });
  });

  it('DB_QUERY for an invalid query', async () => {
    const tooLong = { id: 'secret', name: 'Secret', currency: 'SECRET' };
    expect(await failure(() => client.tenant.create({ data: tooLong }))).toMatchObject({
      code: 'DB_QUERY',
      sqlState: '22001',
    });
    expect(await failure(() => client.$queryRaw`SELECT secret FROM secrets`)).toMatchObject({
      code: 'DB_QUERY',
      sqlState: '42P01',
    });
    const invalid = { ...deal, id: 'deal-4', stage: 'secret' as 'won' };
    expect(await failure(() => client.deal.create({ data: invalid }))).toMatchObject({ code: 'DB_QUERY' });
  });

  it('DB_UNAVAILABLE for a transaction that timed out', async () => {
    const slow = client.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT pg_sleep(0.2)::text`;
        await tx.tenant.count();
      },
      { timeout: 50 },
    );
    expect(await failure(() => slow)).toMatchObject({ code: 'DB_UNAVAILABLE', prismaCode: 'P2028' });
  });

  it('passes on errors of the transaction’s own code', async () => {
    const mine = new Error('mine');
    const thrown = await client.$transaction(() => Promise.reject(mine)).catch((error: unknown) => error);
    expect(thrown).toBe(mine);
    expect(toDatabaseError(thrown)).toBeUndefined();
  });
});

describe('a database that cannot be reached', () => {
  const attempt = async (address: string) => {
    const scope = openDatabase({ connectionString: `postgresql://user:secret@${address}/secret` });
    const elsewhere = await scope.client();
    const read = await failure(() => elsewhere.tenant.count());
    const transaction = await failure(() => elsewhere.$transaction((tx) => tx.tenant.count()));
    await scope.close();
    return [read.code, transaction.code];
  };

  it('refuses connections', async () => {
    expect(await attempt('127.0.0.1:1')).toEqual(['DB_UNAVAILABLE', 'DB_UNAVAILABLE']);
  });

  it('hangs up', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    expect(await attempt(`127.0.0.1:${port}`)).toEqual(['DB_UNAVAILABLE', 'DB_UNAVAILABLE']);
    await new Promise((resolve) => server.close(resolve));
  });
});
