/** The contact that a row is about: by id, by address, by name and telephone number; and half a name. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';
import { added, ask, countContacts, exportedFile, importFile, startOver } from './transfers.ts';

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
});
beforeEach(() => startOver(world));
afterAll(() => world.close());

const add = (path: string, json: object) => added(world, path, json);
const get = async (id: string) => (await ask(world, `/contacts/${id}`)).json();
const contacts = () =>
  world.query('SELECT name, email, phone FROM contacts WHERE tenant_id = $1 ORDER BY id', [world.tenant.id]);

async function counts(body: string) {
  const { imported, updated, unchanged, rejected } = await importFile(world, body);
  return { imported, updated, unchanged, rejected };
}
const only = (counted: Partial<Awaited<ReturnType<typeof counts>>>) => ({
  ...{ imported: 0, updated: 0, unchanged: 0, rejected: 0 },
  ...counted,
});

const exported = () => exportedFile(world, 'contacts');

describe('half a name', () => {
  test.each([
    ['Mary Jane Watson', ',Watson'],
    ['Anna Maria Rossi', 'Anna,'],
  ])('of %s (R1: %s) leaves the name of a known contact', async (name, half) => {
    const id = await add('/contacts', { name, email: 'known@x.example' });
    expect(await counts(`First Name,Last Name,Email\n${half},known@x.example\n`)).toEqual(only({ unchanged: 1 }));
    expect(await get(id)).toMatchObject({ name });
  });

  test('is the name of a new contact', async () => {
    await importFile(world, 'First Name,Last Name,Email\n,Watson,new@x.example\n');
    expect(await contacts()).toEqual([{ name: 'Watson', email: 'new@x.example', phone: null }]);
  });
});

describe('an id', () => {
  test('matches before the address, which changes', async () => {
    const id = await add('/contacts', { name: 'Ada', email: 'old@x.example' });
    expect(await counts(`Id,Name,Email\n${id},Ada,new@x.example\n`)).toEqual(only({ updated: 1 }));
    expect(await get(id)).toMatchObject({ email: 'new@x.example' });
  });

  test('of another tenant matches no contact', async () => {
    const stranger = await createTenant(world.connectionString);
    const id = 'contact_of_stranger';
    await world.query(
      `INSERT INTO contacts (tenant_id, id, name, updated_at) VALUES ($1, $2, 'Theirs', '2026-01-01')`,
      [stranger.id, id],
    );
    expect(await counts(`Id,Name\n${id},Ours\n`)).toEqual(only({ imported: 1 }));
    expect(await countContacts(world, stranger.id)).toMatchObject({ all: 1 });
    expect(await world.query('SELECT name FROM contacts WHERE id = $1', [id])).toEqual([{ name: 'Theirs' }]);
  });
});

describe('a row without an address', () => {
  test.each([
    ['with a telephone number (R7)', 'Name,Phone\nPhone Only,+49 30 123456\n'],
    ['in another spelling of the number and the name', 'Name,Phone\nphone  ONLY,+49 (30) 123-456\n'],
  ])('%s is the contact with the same name and number', async (_name, body) => {
    await add('/contacts', { name: 'Phone Only', phone: '+49 30 123456' });
    expect(await counts(body)).toEqual(only({ unchanged: 1 }));
    expect(await counts(body)).toEqual(only({ unchanged: 1 }));
    expect(await contacts()).toHaveLength(1);
  });

  test('of a name only is the same contact only if it says nothing new', async () => {
    const file = 'Name,Company\nReception,One\nReception,Two\n';
    expect(await counts(file)).toEqual(only({ imported: 2 }));
    expect(await counts(file)).toEqual(only({ unchanged: 2 }));
    expect(await counts('Name,Company,Title\nReception,One,Clerk\n')).toEqual(only({ imported: 1 }));
  });

  test('and a new address belong to the contact with the same name and number that has no address', async () => {
    const id = await add('/contacts', { name: 'Ada', phone: '+1 555 0100' });
    expect(await counts('Name,Phone,Email\nAda,+1 555 0100,ada@x.example\n')).toEqual(only({ updated: 1 }));
    expect(await get(id)).toMatchObject({ email: 'ada@x.example' });
    expect(await counts('Name,Phone,Email\nAda,+1 555 0100,other@x.example\n')).toEqual(only({ imported: 1 }));
  });
});

test('of two contacts that share an address, the row is about the one with its name', async () => {
  await add('/contacts', { name: 'Eda', email: 'both@x.example' });
  const id = await add('/contacts', { name: 'Ada', email: 'both@x.example' });
  expect(await counts('Name,Email,Phone\nada,both@x.example,12\n')).toEqual(only({ updated: 1 }));
  expect(await get(id)).toMatchObject({ phone: '12' });
});

describe('a company', () => {
  test('is found in NFC, in NFD and in another case (R18), and created once', async () => {
    const names = ['Café Zoé', 'Café Zoé'.normalize('NFD'), 'CAFÉ  ZOÉ'];
    const file = `Name,Email,Company\n${names.map((name, n) => `P${n},p${n}@x.example,${name}`).join('\n')}\n`;
    expect((await importFile(world, file)).companiesCreated).toBe(1);
    expect((await importFile(world, file)).companiesCreated).toBe(0);
    expect(await counts(file)).toEqual(only({ unchanged: 3 }));
  });

  test('stored in NFD is found by its name in NFC', async () => {
    const name = 'Café Zoé';
    await world.query(
      `INSERT INTO companies (tenant_id, id, name, updated_at) VALUES ($1, 'company_nfd', $2, '2026-01-01')`,
      [world.tenant.id, name.normalize('NFD')],
    );
    expect((await importFile(world, `Name,Company\nZoé,${name}\n`)).companiesCreated).toBe(0);
  });
});

test('an export is imported without a change of any row, twice (R7)', async () => {
  const companies = [await add('/companies', { name: 'Twin' }), await add('/companies', { name: 'Twin' })];
  for (let n = 0; n < 4; n += 1) {
    const companyId = companies[n % 2];
    await add('/contacts', { name: `With ${n}`, email: `with${n}@x.example`, phone: `+49 ${n}`, companyId });
    await add('/contacts', { name: 'Same Name', jobTitle: n % 2 ? 'Clerk' : null, companyId });
  }
  await add('/contacts', { name: '=SUM(A1)', phone: '-1' });
  const file = await exported();
  expect(await counts(file)).toEqual(only({ unchanged: 9 }));
  expect(await counts(file)).toEqual(only({ unchanged: 9 }));
  expect(await exported()).toBe(file);
});
