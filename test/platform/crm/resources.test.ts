/** Companies, contacts and deals: their operations, the results of lists and filters, and the cost of reads. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { COST_OF_A_HIT, costOf } from '../../support/app.ts';
import { createInstance, createTruth, type Instance, write } from '../../support/instance.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

// Each test makes many requests, and the machine may be slow.

type Row = Record<string, unknown> & { id: string };
interface Page {
  items: Row[];
  nextCursor: string | null;
}

let tenant: OwnTenant;
let one: Instance;
let two: Instance;
let truth: Instance;
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  [one, two, truth] = await Promise.all([
    createInstance({ tenant }),
    createInstance({ tenant }),
    createTruth({ tenant }),
  ]);
});
afterAll(() => Promise.all([one.close(), two.close(), truth.close()]));

async function get<Answer = Page>(path: string, instance = one): Promise<Answer> {
  const response = await instance.request(path);
  const body = await response.json();
  expect(response.status, `${path} ${JSON.stringify(body)}`).toBe(200);
  return body as Answer;
}
const add = (path: string, fields: Record<string, unknown>) => write<Row>(one, 'POST', path, fields);
const ids = ({ items }: Page) => items.map(({ id }) => id);

/** Every field of a resource, a full example, and a change. */
const kinds = [
  {
    path: '/companies',
    prefix: 'company_',
    least: { name: 'Kelp & Co' },
    emptied: { domain: null, industry: null, employees: null, city: null, country: null, ownerId: null },
    full: { name: 'Alga', domain: 'alga.example', industry: 'Sea', employees: 12, city: 'Brest', country: 'FR' },
    change: { employees: 13, city: null },
  },
  {
    path: '/contacts',
    prefix: 'contact_',
    least: { name: 'Ada' },
    emptied: { email: null, phone: null, jobTitle: null, companyId: null, ownerId: null },
    full: { name: 'Grace', email: 'grace@alga.example', phone: '+1 2', jobTitle: 'Admiral' },
    change: { jobTitle: 'Rear admiral', phone: null },
  },
  {
    path: '/deals',
    prefix: 'deal_',
    least: { title: 'Reef', value: '0.00' },
    emptied: {
      stage: 'lead',
      companyId: null,
      contactId: null,
      ownerId: null,
      expectedCloseDate: null,
      closedAt: null,
    },
    full: { title: 'Rock', value: '999999999999.99', stage: 'proposal', expectedCloseDate: '2026-12-31' },
    change: { value: '0.10', expectedCloseDate: null },
  },
];

describe.each(kinds)('$path', ({ path, prefix, least, emptied, full, change }) => {
  test('add, get, change and delete are visible immediately on both instances', async () => {
    const response = await one.request(path, { method: 'POST', json: { ...full, ownerId: tenant.userId } });
    const created = (await response.json()) as Row;
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`${path}/${created.id}`);
    expect(created).toMatchObject({ ...full, ownerId: tenant.userId });
    expect(created.id.startsWith(prefix)).toBe(true);
    const url = `${path}/${created.id}`;
    expect(await get<Row>(url, two)).toEqual(created);

    const changed = await write<Row>(two, 'PATCH', url, change);
    expect(changed).toEqual({ ...created, ...change, updatedAt: changed['updatedAt'] });
    expect(await get<Row>(url)).toEqual(changed);
    expect((await get(path)).items[0]).toEqual(changed);

    expect((await two.request(url, { method: 'DELETE' })).status).toBe(204);
    for (const instance of [one, two]) {
      expect((await instance.request(url)).status).toBe(404);
      for (const method of ['PATCH', 'DELETE']) {
        const again = await instance.request(url, { method, ...(method === 'PATCH' ? { json: change } : {}) });
        expect(again.status).toBe(404);
      }
    }
    expect(ids(await get(path))).not.toContain(created.id);
  });

  test('omitted fields are empty', async () => {
    const created = await add(path, least);
    expect(created).toEqual({
      ...least,
      ...emptied,
      custom: {},
      id: created.id,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      updatedAt: expect.any(String),
    });
    await write(one, 'DELETE', `${path}/${created.id}`);
  });

  test('an unknown id is cached as missing, and found once it exists', async () => {
    const { id } = await add(path, least);
    await write(one, 'DELETE', `${path}/${id}`);
    expect((await two.request(`${path}/${id}`)).status).toBe(404);
    const remembered = await two.request(`${path}/${id}`);
    expect([remembered.status, remembered.headers.get('x-cache')]).toEqual([404, 'HIT']);
  });

  test('every read is a hit the second time: 1 Redis request, 0 queries', async () => {
    const { id } = await add(path, least);
    const urls = [path, `${path}?limit=2`, `${path}?ownerId=${tenant.userId}`, `${path}?cursor=${id}`, `${path}/${id}`];
    for (const url of urls) {
      await get(url);
      for (const instance of [one, two]) {
        const response = await instance.request(url);
        expect([url, response.headers.get('x-cache')]).toEqual([url, 'HIT']);
        expect(costOf(response)).toEqual(COST_OF_A_HIT);
      }
    }
  });

  test('pages: every row once, newest first, while rows are added and removed', async () => {
    for (let index = 0; index < 7; index += 1) await add(path, least);
    const before = await get(`${path}?limit=100`);
    const seen: string[] = [];
    const added: string[] = [];
    let cursor: string | null = '';
    let removed = '';
    while (cursor !== null) {
      const page: Page = await get(`${path}?limit=2${cursor && `&cursor=${cursor}`}`, seen.length % 4 ? one : two);
      seen.push(...ids(page));
      expect(page.items.length).toBeLessThanOrEqual(2);
      cursor = page.nextCursor;
      added.push((await add(path, least)).id);
      // The row of the cursor may be deleted: the next page begins after its place.
      if (removed === '' && cursor !== null) {
        removed = cursor;
        await write(one, 'DELETE', `${path}/${cursor}`);
      }
    }
    expect(seen).toEqual(ids(before));
    expect([...seen].sort().reverse()).toEqual(seen);
    expect(added.filter((id) => seen.includes(id))).toEqual([]);
  });

  test('a page with exactly all rows is the last one', async () => {
    await add(path, least);
    const all = await get(`${path}?limit=100`);
    const page = await get(`${path}?limit=${all.items.length}`);
    expect(page).toEqual({ items: all.items, nextCursor: null });
  });

  test('all answers of both instances match the database', async () => {
    for (const url of [path, `${path}?limit=3`, `${path}?ownerId=${tenant.userId}`]) {
      const expected = await get(url, truth);
      for (const instance of [one, two, one, two]) expect(await get(url, instance)).toEqual(expected);
    }
  });
});

describe('filters', () => {
  test('companies by industry and owner', async () => {
    const mine = await add('/companies', { name: 'Mine', industry: 'Filtering', ownerId: tenant.userId });
    const nobodys = await add('/companies', { name: 'Nobody’s', industry: 'Filtering' });
    expect(ids(await get('/companies?industry=Filtering'))).toEqual([nobodys.id, mine.id]);
    expect(ids(await get(`/companies?industry=Filtering&ownerId=${tenant.userId}`))).toEqual([mine.id]);
    expect(ids(await get('/companies?industry=filtering'))).toEqual([]);
  });

  test('contacts and deals by company, deals by stage', async () => {
    const [a, b] = [await add('/companies', { name: 'A' }), await add('/companies', { name: 'B' })];
    const contact = await add('/contacts', { name: 'In A', companyId: a.id });
    const lead = await add('/deals', { title: 'Lead', value: 1, companyId: a.id });
    const won = await add('/deals', { title: 'Won', value: 1, companyId: a.id, stage: 'won' });
    expect(ids(await get(`/contacts?companyId=${a.id}`))).toEqual([contact.id]);
    expect(ids(await get(`/contacts?companyId=${b.id}`))).toEqual([]);
    expect(ids(await get(`/deals?companyId=${a.id}`))).toEqual([won.id, lead.id]);
    expect(ids(await get(`/deals?companyId=${a.id}&stage=won`))).toEqual([won.id]);
    expect((await get('/deals?stage=won&limit=100')).items.every(({ stage }) => stage === 'won')).toBe(true);
  });

  test('search finds words in any order, case and script, without accents, and takes signs as ends of words', async () => {
    const names = ['Søren Ærø', 'SØREN', '100% Sea', '100 Seas', 'under_score', 'underXscore', 'back\\slash', 'Straße'];
    const rows = new Map<string, string>();
    for (const name of names) rows.set(name, (await add('/contacts', { name })).id);
    const found = async (search: string) =>
      (await get(`/contacts?limit=100&search=${encodeURIComponent(search)}`)).items.map(({ name }) => name).sort();
    expect(await found('søren')).toEqual(['SØREN', 'Søren Ærø']);
    expect(await found('SØREN ÆRØ')).toEqual(['Søren Ærø']);
    expect(await found('Ærø')).toEqual(['Søren Ærø']);
    expect(await found('aero SOREN')).toEqual(['Søren Ærø']);
    expect(await found('100%')).toEqual(['100 Seas', '100% Sea']);
    expect(await found('under_sc')).toEqual(['under_score']);
    expect(await found('back\\')).toEqual(['back\\slash']);
    expect(await found('%')).toEqual([]);
    expect(await found('_')).toEqual([]);
    expect(await found('STRASSE')).toEqual(['Straße']);
    expect(await found('straß')).toEqual(['Straße']);
    // A single letter finds the names that begin with it.
    expect(await found('b')).toContain('back\\slash');
    expect(await found('l')).not.toContain('back\\slash');
    expect((await get(`/companies?search=${encodeURIComponent('%')}`)).items).toEqual([]);
  });

  test('search finds contacts by e-mail too, which is stored in lower case', async () => {
    const contact = await add('/contacts', { name: 'Zed', email: 'Mixed.Case@Alga.Example' });
    expect(contact['email']).toBe('mixed.case@alga.example');
    expect(ids(await get('/contacts?search=MIXED.c'))).toEqual([contact.id]);
  });
});

describe('deals', () => {
  const moment = (row: Row) => row['closedAt'];

  test('closing sets closedAt, reopening clears it, and winning a lost deal keeps it', async () => {
    const deal = await add('/deals', { title: 'Close', value: 1 });
    const set = (changes: Record<string, unknown>) => write<Row>(one, 'PATCH', `/deals/${deal.id}`, changes);
    expect(moment(deal)).toBeNull();
    one.clock.ahead += 60_000;
    const lost = await set({ stage: 'lost' });
    expect(Date.parse(String(moment(lost)))).toBeGreaterThan(Date.parse(String(deal['createdAt'])) + 59_000);
    one.clock.ahead += 60_000;
    expect(moment(await set({ stage: 'won' }))).toBe(moment(lost));
    expect(moment(await set({ title: 'Still closed' }))).toBe(moment(lost));
    expect(moment(await set({ stage: 'negotiation' }))).toBeNull();
    expect(moment(await set({ title: 'Still open' }))).toBeNull();
    expect(moment(await get<Row>(`/deals/${deal.id}`, two))).toBeNull();
    one.clock.ahead = 0;
  });

  test('a deal added as won is closed from the start', async () => {
    const deal = await add('/deals', { title: 'Won at once', value: 1, stage: 'won' });
    expect(moment(deal)).toBe(deal['createdAt']);
  });

  test('money is exact, whether sent as text or number', async () => {
    for (const [sent, kept] of [
      ['0.1', '0.10'],
      [0.1, '0.10'],
      ['999999999999.99', '999999999999.99'],
      [1234567.89, '1234567.89'],
      ['007', '7.00'],
      [0, '0.00'],
    ] as const) {
      const deal = await add('/deals', { title: 'Money', value: sent });
      expect(deal['value']).toBe(kept);
      expect((await get<Row>(`/deals/${deal.id}`, two))['value']).toBe(kept);
    }
  });

  test('dates are stored without a time zone shift', async () => {
    for (const day of ['2024-02-29', '0001-01-01', '0099-12-31', '9999-12-31', '1970-01-01']) {
      const deal = await add('/deals', { title: 'Day', value: 1, expectedCloseDate: day });
      expect(deal['expectedCloseDate']).toBe(day);
      expect((await get<Row>(`/deals/${deal.id}`, truth))['expectedCloseDate']).toBe(day);
    }
  });

  test('the pipeline follows every write', async () => {
    const deal = await add('/deals', { title: 'Counted', value: '5.05', stage: 'qualified' });
    for (const change of [{ stage: 'won' }, { value: '6' }, { title: 'No matter' }]) {
      await write(one, 'PATCH', `/deals/${deal.id}`, change);
      expect(await get<unknown>('/deals/pipeline', two)).toEqual(await get<unknown>('/deals/pipeline', truth));
    }
    await write(two, 'DELETE', `/deals/${deal.id}`);
    expect(await get<unknown>('/deals/pipeline', one)).toEqual(await get<unknown>('/deals/pipeline', truth));
  });
});
