/** Deals from files: which deal a row changes, its company, contact, owner, stage, amount and day. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ImportAnswer } from '../../../src/crm/imports/schema.ts';
import { crm } from '../../../src/crm/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';
import { added, importFile, startOver } from './transfers.ts';

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
});
beforeEach(async () => {
  await startOver(world);
  await set('EUR', 'Europe/Berlin');
});
afterAll(() => world.close());

const set = (currency: string, timeZone: string | null) =>
  world.query('UPDATE tenants SET currency = $2, time_zone = $3 WHERE id = $1', [world.tenant.id, currency, timeZone]);
const file = (...lines: string[]) => `${lines.join('\n')}\n`;
const run = (body: string, search = '') => importFile(world, body, search, 'deals');
const counts = ({ imported, updated, unchanged, rejected }: ImportAnswer) => [imported, updated, unchanged, rejected];
const deals = () =>
  world.query(
    `SELECT d.title, d.stage::text, round(d.value, d.value_places)::text AS value, d.expected_close_date::text AS day,
       d.closed_at IS NOT NULL AS closed, company.name AS company, contact.name AS contact, owner.email AS owner
     FROM deals d LEFT JOIN companies company ON company.tenant_id = d.tenant_id AND company.id = d.company_id
     LEFT JOIN contacts contact ON contact.tenant_id = d.tenant_id AND contact.id = d.contact_id
     LEFT JOIN users owner ON owner.tenant_id = d.tenant_id AND owner.id = d.owner_id
     WHERE d.tenant_id = $1 ORDER BY d.value`,
    [world.tenant.id],
  );
const deal = async (title: string) => (await deals()).find((row) => row['title'] === title);
async function user(name: string, email: string): Promise<void> {
  await world.query(
    `INSERT INTO users (tenant_id, id, email, name, role, updated_at) VALUES ($1, $2, $3, $4, 'member', now())
     ON CONFLICT DO NOTHING`,
    [world.tenant.id, `user_${email.split('@')[0]}`, email, name],
  );
}

describe('the rows of a file', () => {
  test('become deals with their company, contact, owner, stage, amount and day', async () => {
    await user('Mika S', 'mika@seller.example');
    const contact = await added(world, '/contacts', { name: 'Leena Harju', email: 'leena@harju.example' });
    const answer = await run(
      file(
        'Deal - Title,Deal - Value,Deal - Currency,Deal - Stage,Deal - Status,Deal - Organization,Deal - Contact person,Deal - Owner,Deal - Expected close date',
        'Roof,"1,200.50",EUR,Proposal Made,Open,Harju Oy,Leena Harju,mika@seller.example,2026-12-01',
        'Door,5,EUR,Proposal Made,Won,harju  OY,,Mika S,',
      ),
    );
    expect(answer).toMatchObject({
      ...{ kind: 'deals', status: 'done', rows: 2, imported: 2, incomplete: 0, companiesCreated: 1, rejections: [] },
    });
    expect(contact).toMatch(/^contact_/);
    const common = { company: 'Harju Oy', owner: 'mika@seller.example' };
    expect(await deals()).toEqual([
      { ...common, title: 'Door', stage: 'won', value: '5.00', day: null, closed: true, contact: null },
      {
        ...{ ...common, title: 'Roof', stage: 'proposal', value: '1200.50', day: '2026-12-01', closed: false },
        contact: 'Leena Harju',
      },
    ]);
  });

  test('keep their good fields beside bad ones, each named with its reason', async () => {
    const answer = await run(
      file(
        'Title,Company,Contact,Stage,Value,Owner,Expected close date',
        'Roof,Harju,Stranger,purring,on request,stranger@x.example,soon',
        ',Harju,,lead,1,,',
      ),
    );
    expect([counts(answer), answer.incomplete]).toEqual([[1, 0, 0, 1], 1]);
    expect(answer.rejections.map(({ row, field, kept }) => [row, field, kept])).toEqual([
      ...[
        [2, 'value', true],
        [2, 'stage', true],
        [2, 'expectedCloseDate', true],
      ],
      ...[
        [2, 'contact', true],
        [2, 'owner', true],
        [3, 'title', false],
      ],
    ]);
    expect(await deals()).toMatchObject([{ title: 'Roof', company: 'Harju', stage: 'lead', value: '0.00', day: null }]);
  });

  test('have no company that is not known if companies are not added', async () => {
    const answer = await run('Title,Company\nRoof,Unheard of\n', '?createCompanies=false');
    expect(answer).toMatchObject({ imported: 1, companiesCreated: 0 });
    expect(answer.rejections).toEqual([{ row: 2, field: 'company', message: 'is not a known company', kept: true }]);
    expect(counts(await run('Title,Company\nRoof,Unheard of\n', '?createCompanies=false'))).toEqual([0, 0, 1, 0]);
  });
});

describe('the deal of a row', () => {
  test('is the one with its id, before its title', async () => {
    const id = await added(world, '/deals', { title: 'Old', value: 1 });
    await added(world, '/deals', { title: 'New', value: 2 });
    expect(counts(await run(`Id,Title,Value\n${id},New,3\n`))).toEqual([0, 1, 0, 0]);
    expect(await deals()).toMatchObject([
      { title: 'New', value: '2.00' },
      { title: 'New', value: '3.00' },
    ]);
  });

  test('is the one with its title and company, in any case and form of Unicode', async () => {
    const companyId = await added(world, '/companies', { name: 'Café Zoé' });
    await added(world, '/deals', { title: 'Große Tür', value: 1, companyId });
    await added(world, '/deals', { title: 'Große Tür', value: 1 });
    const body = `Title,Company,Value\nGROẞE  TÜR,${'CAFÉ zoé'.normalize('NFD')},7\n`;
    expect(counts(await run(body))).toEqual([0, 1, 0, 0]);
    expect((await deals()).map(({ value, company }) => [value, company])).toEqual([
      ['1.00', null],
      ['7.00', 'Café Zoé'],
    ]);
    expect(counts(await run(body))).toEqual([0, 0, 1, 0]);
  });

  test('is a new one for another company, and for none', async () => {
    const body = 'Title,Company\nRenewal,One\nRenewal,Two\nRenewal,\n';
    expect(counts(await run(body))).toEqual([3, 0, 0, 0]);
    expect(counts(await run(body))).toEqual([0, 0, 3, 0]);
  });

  test('of several with its title is the one with its day; without one the row is rejected', async () => {
    for (const day of ['2026-01-01', '2027-01-01']) {
      await added(world, '/deals', { title: 'Renewal', value: 1, expectedCloseDate: day });
    }
    const answer = await run('Title,Value,Expected close date\nRenewal,2,2027-01-01\nRenewal,3,2028-01-01\n');
    expect(counts(answer)).toEqual([0, 1, 0, 1]);
    expect(answer.rejections).toEqual([{ row: 3, field: 'title', message: 'belongs to several deals', kept: false }]);
    expect((await deals()).map(({ value }) => value)).toEqual(['1.00', '2.00']);
  });

  test('is never one of another tenant', async () => {
    const stranger = await createTenant(world.connectionString);
    await world.query(
      `INSERT INTO deals (tenant_id, id, title, value, updated_at) VALUES ($1, 'deal_theirs', 'Theirs', 1, now())`,
      [stranger.id],
    );
    expect(counts(await run('Id,Title,Value\ndeal_theirs,Ours,2\n'))).toEqual([1, 0, 0, 0]);
    expect(await world.query('SELECT title FROM deals WHERE tenant_id = $1', [stranger.id])).toEqual([
      { title: 'Theirs' },
    ]);
    expect(await world.query(`SELECT title FROM deals WHERE id = 'deal_theirs'`)).toEqual([{ title: 'Theirs' }]);
  });
});

describe('an amount', () => {
  test.each([
    ['EUR', '1200.5', '1200.50'],
    ['JPY', '1200.00', '1200'],
    ['KWD', '1.2345000', '0.000'],
    ['KWD', '1.2340', '1.234'],
    ['EUR', '1.239', '0.00'],
  ])('of a tenant with %s that the file writes %s is stored as %s', async (currency, cell, value) => {
    await set(currency, null);
    const answer = await run(`Title,Value,City\nRoof,${cell},x\nDoor,1.5,\n`, '?columns[unused]=City');
    expect(await deal('Roof')).toMatchObject({ value });
    const refused = answer.rejections.filter(({ row }) => row === 2);
    expect(refused.map(({ field }) => field)).toEqual(Number(value) === 0 ? ['value'] : []);
  });

  test('in another currency is left out, with the reason', async () => {
    const answer = await run('Title,Value,Currency\nRoof,5,usd\nDoor,5,EUR\n');
    expect(answer.rejections).toEqual([
      { row: 2, field: 'value', message: 'is in USD, but amounts are in EUR', kept: true },
    ]);
    expect((await deals()).map(({ value }) => value)).toEqual(['0.00', '5.00']);
  });

  test.each(['JPY', 'KWD'])('of an earlier currency stays as it is in %s if it is equal', async (currency) => {
    const id = await added(world, '/deals', { title: 'Roof', value: '12.50' });
    await set(currency, null);
    const answer = await run(`Id,Title,Value\n${id},Roof,12.5\n`);
    expect([counts(answer), answer.rejections]).toEqual([[0, 0, 1, 0], []]);
    expect(await deal('Roof')).toMatchObject({ value: '12.50' });
  });
});

describe('the expected close date', () => {
  test.each([
    ['Pacific/Auckland', '2026-11-20T23:30:00Z', '2026-11-21'],
    ['America/Los_Angeles', '2026-11-20T03:30:00.000+0000', '2026-11-19'],
    ['America/Los_Angeles', '2026-11-20T00:00:00.000Z', '2026-11-20'],
    ['Pacific/Auckland', '2026-11-20', '2026-11-20'],
    ['Pacific/Auckland', '2026-11-20 23:30', '2026-11-20'],
  ])('of a tenant in %s that the file writes %s is %s', async (timeZone, cell, day) => {
    await set('EUR', timeZone);
    await run(`Title,Expected close date\nRoof,${cell}\n`);
    expect(await deal('Roof')).toMatchObject({ day });
  });
});

describe('the contact and the owner', () => {
  test('are found by address before the name', async () => {
    await user('Mika S', 'mika@seller.example');
    for (const n of [1, 2]) await added(world, '/contacts', { name: 'Ada', email: `ada${n}@x.example` });
    const answer = await run(
      'Title,Contact,Contact e-mail,Owner\nRoof,Ada,ADA2@x.example,Mika <MIKA@seller.example>\nDoor,Ada,,\n',
    );
    expect(answer.rejections).toEqual([
      { row: 3, field: 'contact', message: 'belongs to several contacts', kept: true },
    ]);
    const [{ email } = {}] = await world.query(
      `SELECT c.email FROM deals d JOIN contacts c ON c.tenant_id = d.tenant_id AND c.id = d.contact_id
       WHERE d.tenant_id = $1`,
      [world.tenant.id],
    );
    expect([email, (await deal('Roof'))?.['owner']]).toEqual(['ada2@x.example', 'mika@seller.example']);
  });

  test('a contact is one of the company of the deal', async () => {
    const [one, two] = [
      await added(world, '/companies', { name: 'One' }),
      await added(world, '/companies', { name: 'Two' }),
    ];
    await added(world, '/contacts', { name: 'Ada', companyId: one, email: 'one@x.example' });
    await added(world, '/contacts', { name: 'Ada', companyId: two, email: 'two@x.example' });
    await run('Title,Company,Contact\nRoof,Two,ada\n');
    const [row] = await world.query(
      `SELECT c.email FROM deals d JOIN contacts c ON c.tenant_id = d.tenant_id AND c.id = d.contact_id
       WHERE d.tenant_id = $1`,
      [world.tenant.id],
    );
    expect(row).toEqual({ email: 'two@x.example' });
  });

  test('a user of another tenant is no owner', async () => {
    const stranger = await createTenant(world.connectionString);
    await world.query(
      `INSERT INTO users (tenant_id, id, email, name, role, updated_at)
       VALUES ($1, 'user_theirs', 'theirs@x.example', 'Theirs', 'member', now())`,
      [stranger.id],
    );
    const { rejections } = await run('Title,Owner\nRoof,theirs@x.example\nDoor,Theirs\n');
    expect(rejections.map(({ field, message }) => [field, message])).toEqual([
      ['owner', 'is not a known user'],
      ['owner', 'is not a known user'],
    ]);
  });
});

test('a deal that a row closes or opens again has the events of a user’s change, without a notification', async () => {
  const id = await added(world, '/deals', { title: 'Roof', value: 5 });
  const notified = () => world.query('SELECT id FROM notifications WHERE tenant_id = $1', [world.tenant.id]);
  const before = await notified();
  await run(`Id,Title,Stage,Value\n${id},Roof,Closed Won,6\n`);
  expect(await deal('Roof')).toMatchObject({ stage: 'won', closed: true });
  await run(`Id,Title,Stage\n${id},Roof,Negotiation\n`);
  expect(await deal('Roof')).toMatchObject({ stage: 'negotiation', closed: false });
  const events = await world.query(
    `SELECT type, data FROM events WHERE tenant_id = $1 AND stream = 'deals' AND key = $2 ORDER BY version`,
    [world.tenant.id, id],
  );
  expect(events).toMatchObject([
    { type: 'created', data: { stage: 'lead', value: '5.00' } },
    { type: 'changed', data: { fields: ['value'] } },
    { type: 'won', data: { from: 'lead', value: '6.00' } },
    { type: 'moved', data: { from: 'won', to: 'negotiation', value: '6.00' } },
  ]);
  expect(await notified()).toEqual(before);
});
