/** Exports of companies, deals and tasks: every column as the API answers it, and the filters of the lists. */
import Papa from 'papaparse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { ask, rest } from './transfers.ts';

type Row = Record<string, string>;

let world: JobWorld;
let company: Row;
let contact: Row;
let deal: Row;
let project: Row;
let task: Row;

beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
  company = await create('/companies', {
    name: 'Bright, “Ideas”',
    domain: 'bright.example',
    industry: 'Optics',
    employees: 12,
    city: 'Zürich',
    country: 'CH',
  });
  await create('/companies', { name: 'Plain', industry: 'Steel' });
  contact = await create('/contacts', { name: 'Ada Lovelace', companyId: company['id'] });
  deal = await create('/deals', {
    title: '=Lenses',
    value: '1234.50',
    companyId: company['id'],
    contactId: contact['id'],
    expectedCloseDate: '2026-12-24',
  });
  await create('/deals', { title: 'Nothing else', value: '0', stage: 'lost' });
  project = await create('/projects', { name: 'Laboratory', companyId: company['id'] });
  task = await create('/tasks', {
    title: 'Polish',
    description: 'Two lines,\nwith a comma',
    priority: 'high',
    dueDate: '2026-12-01',
    projectId: project['id'],
    dealId: deal['id'],
  });
  await create('/tasks', { title: 'Sweep', status: 'done', dueDate: '2026-12-05' });
});
afterAll(() => world.close());

async function create(path: string, json: Record<string, unknown>): Promise<Row> {
  const response = await ask(world, path, { method: 'POST', json });
  const answer = (await response.json()) as Row;
  expect(response.status, JSON.stringify(answer)).toBe(201);
  return answer;
}

/** Exports with the filter and returns the rows of the file. */
async function exported(kind: string, filter = ''): Promise<Row[]> {
  const response = await ask(world, `/exports/${kind}${filter}`, { method: 'POST' });
  expect(response.status).toBe(202);
  const path = response.headers.get('location') ?? expect.fail('no location');
  const status = async () => (await (await ask(world, path)).json()) as { status: string; kind: string };
  await rest(world, async () => (await status()).status === 'done');
  expect(await status()).toMatchObject({ status: 'done', kind });
  const file = await ask(world, `${path}/file`);
  expect(file.headers.get('content-disposition')).toMatch(`attachment; filename="${kind}-export_`);
  return Papa.parse<Row>(await file.text(), { header: true, skipEmptyLines: true, newline: '\r\n' }).data;
}

describe('an export', () => {
  test('of companies has all columns, and empty cells where a company has no value', async () => {
    const rows = await exported('companies');
    expect(rows).toHaveLength(2);
    expect(rows[0]).toEqual({
      Name: 'Bright, “Ideas”',
      Domain: 'bright.example',
      Industry: 'Optics',
      Employees: '12',
      City: 'Zürich',
      Country: 'CH',
      Owner: '',
      'Created at': company['createdAt'],
      Id: company['id'],
    });
    expect(rows[1]).toMatchObject({ Name: 'Plain', Domain: '', Employees: '', City: '' });
  });

  test('of deals has the currency of the tenant, the names of related rows and no formula', async () => {
    const rows = await exported('deals');
    expect(rows).toHaveLength(2);
    expect(rows[0]).toEqual({
      Title: "'=Lenses",
      Stage: 'lead',
      Value: '1234.50',
      Currency: 'EUR',
      Company: 'Bright, “Ideas”',
      Contact: 'Ada Lovelace',
      Owner: '',
      'Expected close date': '2026-12-24',
      'Closed at': '',
      'Created at': deal['createdAt'],
      Id: deal['id'],
    });
    expect(rows[1]?.['Closed at']).toMatch(/^2\d{3}-\d\d-\d\dT/);
  });

  test('of tasks has the days as days and the titles of related rows', async () => {
    const rows = await exported('tasks');
    expect(rows).toHaveLength(2);
    expect(rows[0]).toEqual({
      Title: 'Polish',
      Description: 'Two lines,\nwith a comma',
      Status: 'todo',
      Priority: 'high',
      'Due date': '2026-12-01',
      'Completed at': '',
      Assignee: '',
      Project: 'Laboratory',
      Deal: '=Lenses'.replace('=', "'="),
      'Created at': task['createdAt'],
      Id: task['id'],
    });
  });

  test.each([
    ['companies', '?search=bri', 'Name', ['Bright, “Ideas”']],
    ['companies', '?industry=Steel', 'Name', ['Plain']],
    ['deals', '?stage=lost', 'Title', ['Nothing else']],
    ['tasks', '?dueBefore=2026-12-05', 'Title', ['Polish']],
    ['deals', '?search=else%20noth', 'Title', ['Nothing else']],
    ['deals', '?search=lesnes', 'Title', ["'=Lenses"]],
    ['deals', '?search=lenses&stage=lost', 'Title', []],
    ['tasks', '?status=done', 'Title', ['Sweep']],
    ['tasks', '?search=comma&priority=high&dueBefore=2026-12-05', 'Title', ['Polish']],
  ])('of %s takes the filter %s of the list', async (kind, filter, column, expected) => {
    expect((await exported(kind, filter)).map((row) => row[column])).toEqual(expected);
  });

  test.each([
    ['deals', 'industry=x', 'industry'],
    ['deals', 'limit=5', 'limit'],
    ['deals', 'search=%25', 'search'],
    ['tasks', 'search=%26', 'search'],
    ['tasks', 'custom.region=North', 'custom.region'],
    ['companies', 'custom.region=North', 'custom.region'],
    ['deals', 'custom.A=North', 'custom.A'],
  ])('of %s refuses %s, which the list does not have', async (kind, filter, field) => {
    const response = await ask(world, `/exports/${kind}?${filter}`, { method: 'POST' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ field }] });
  });
});
