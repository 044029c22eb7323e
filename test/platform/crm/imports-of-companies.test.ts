/** Companies from files: which company a row changes, its fields and its owner. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ImportAnswer } from '../../../src/crm/imports/schema.ts';
import { crm } from '../../../src/crm/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';
import { added, ask, importFile, startOver } from './transfers.ts';

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
});
beforeEach(() => startOver(world));
afterAll(() => world.close());

const run = (body: string) => importFile(world, body, '', 'companies');
const counts = ({ imported, updated, unchanged, rejected }: ImportAnswer) => [imported, updated, unchanged, rejected];
const get = async (id: string) => (await ask(world, `/companies/${id}`)).json();
const add = (json: object) => added(world, '/companies', json);
const companies = () =>
  world.query(
    `SELECT c.name, c.domain, c.industry, c.employees, c.city, c.country::text, owner.email AS owner FROM companies c
     LEFT JOIN users owner ON owner.tenant_id = c.tenant_id AND owner.id = c.owner_id
     WHERE c.tenant_id = $1 ORDER BY c.name, c.domain`,
    [world.tenant.id],
  );
const count = async () => (await companies()).length;

describe('the rows of a file', () => {
  test('become companies with their domain, industry, size, city, country and owner', async () => {
    await world.query(
      `INSERT INTO users (tenant_id, id, email, name, role, updated_at)
       VALUES ($1, 'user_mika', 'mika@seller.example', 'Mika S', 'member', now()) ON CONFLICT DO NOTHING`,
      [world.tenant.id],
    );
    const answer = await run(
      'Firma;Webseite;Branche;Mitarbeiter;Ort;Land;Kundenbetreuer\n' +
        'Müller AG;https://www.Mueller.example/de;Bau;1.200;Köln;Deutschland;MIKA@seller.example\nMaier;;;;;;\n',
    );
    expect(answer).toMatchObject({ kind: 'companies', status: 'done', rows: 2, imported: 2, companiesCreated: 0 });
    const empty = { domain: null, industry: null, employees: null, city: null, country: null, owner: null };
    expect(await companies()).toEqual([
      { ...empty, name: 'Maier' },
      {
        ...{ name: 'Müller AG', domain: 'mueller.example', industry: 'Bau', employees: 1200 },
        ...{ city: 'Köln', country: 'DE', owner: 'mika@seller.example' },
      },
    ]);
  });

  test('keep their good fields beside bad ones, each named with its reason', async () => {
    const answer = await run(
      'Company,Domain,Employees,Country,City,Owner\nA,none at all,11-50,Narnia,Rome,a stranger\n,,3,,Rome,\n',
    );
    expect([counts(answer), answer.incomplete]).toEqual([[1, 0, 0, 1], 1]);
    expect(answer.rejections.map(({ row, field, kept }) => [row, field, kept])).toEqual([
      ...[2, 2, 2, 2].map((row, index) => [row, ['domain', 'employees', 'country', 'owner'][index], true]),
      [3, 'name', false],
    ]);
    expect(await companies()).toMatchObject([{ name: 'A', domain: null, employees: null, city: 'Rome' }]);
  });
});

describe('the company of a row', () => {
  test('is the one with its id, before its domain and its name', async () => {
    const id = await add({ name: 'Old' });
    await add({ name: 'New', domain: 'new.example' });
    expect(counts(await run(`Id,Name,Domain\n${id},New,new.example\n`))).toEqual([0, 1, 0, 0]);
    expect(await get(id)).toMatchObject({ name: 'New', domain: 'new.example' });
  });

  test.each([
    ['bücher.example', 'https://www.BÜCHER.example/shop'],
    ['www.x.example', 'x.example'],
    ['x.example', 'http://www.x.example'],
  ])('with the domain %s is found by %s, before its name', async (domain, cell) => {
    const id = await add({ name: 'Known', domain });
    await add({ name: 'Other' });
    const before = await get(id);
    const body = `Company,Website,City\nOther,${cell},Rome\n`;
    expect(counts(await run(body))).toEqual([0, 1, 0, 0]);
    expect(await get(id)).toMatchObject({ name: 'Other', city: 'Rome', domain: (before as { domain: string }).domain });
    expect(counts(await run(body))).toEqual([0, 0, 1, 0]);
    expect(await count()).toBe(2);
  });

  test('is found by its name in any case, form of Unicode and white space', async () => {
    const id = await add({ name: 'Café Zoé' });
    const body = `Company,City,Website\n${'CAFÉ  zoé'.normalize('NFD')},Rome,zoe.example\n`;
    expect(counts(await run(body))).toEqual([0, 1, 0, 0]);
    expect(await get(id)).toMatchObject({ city: 'Rome', domain: 'zoe.example' });
    expect(counts(await run(body))).toEqual([0, 0, 1, 0]);
  });

  test('is a new one if its name is known with another domain', async () => {
    const body = 'Company,Website\nAcme,acme.example\nAcme,acme.test.example\n';
    expect(counts(await run(body))).toEqual([2, 0, 0, 0]);
    expect(counts(await run(body))).toEqual([0, 0, 2, 0]);
  });

  test('of several with a domain is the one with the name; if nothing decides, the row is rejected', async () => {
    await add({ name: 'One', domain: 'both.example' });
    const two = await add({ name: 'Two', domain: 'both.example' });
    for (const city of ['Rome', 'Oslo']) await add({ name: 'Twin', city });
    const answer = await run('Company,Website,City\ntwo,both.example,Bonn\nThree,both.example,Bonn\nTwin,,Bonn\n');
    expect(counts(answer)).toEqual([0, 1, 0, 2]);
    expect(answer.rejections).toEqual([
      { row: 3, field: 'domain', message: 'belongs to several companies', kept: false },
      { row: 4, field: 'name', message: 'belongs to several companies', kept: false },
    ]);
    expect(await get(two)).toMatchObject({ city: 'Bonn' });
  });

  test('is never one of another tenant', async () => {
    const stranger = await createTenant(world.connectionString);
    await world.query(
      `INSERT INTO companies (tenant_id, id, name, domain, updated_at)
       VALUES ($1, 'company_theirs', 'Theirs', 'theirs.example', now())`,
      [stranger.id],
    );
    expect(counts(await run('Id,Name,Domain\ncompany_theirs,Theirs,theirs.example\n'))).toEqual([1, 0, 0, 0]);
    const rows = await world.query(`SELECT tenant_id FROM companies WHERE id = 'company_theirs'`);
    expect(rows).toEqual([{ tenant_id: stranger.id }]);
  });
});

test('a renamed company ends the cached answers that show its name', async () => {
  const companyId = await add({ name: 'Old', domain: 'x.example' });
  const contact = await added(world, '/contacts', { name: 'Ada', companyId });
  const paths = ['/companies', `/companies/${companyId}`, `/companies/${companyId}/full`, `/contacts/${contact}/full`];
  for (const path of [...paths, ...paths]) await ask(world, path);
  await run('Company,Website\nNew,x.example\n');
  const answers = await Promise.all(paths.map(async (path) => (await ask(world, path)).headers.get('x-cache')));
  expect(answers).not.toContain('HIT');
  expect(await get(companyId)).toMatchObject({ name: 'New' });
});
