/** `?search=` of the lists: the rows that it finds, in the order of the list, when, beside which filters, and the cost. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { costOf } from '../../support/app.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { send } from './world.ts';

/** Each list, with a column of words and the fields that a new row needs. */
interface List {
  path: string;
  field: string;
  more: object;
}
const contacts: List = { path: '/contacts', field: 'name', more: {} };
const companies: List = { path: '/companies', field: 'name', more: {} };
const deals: List = { path: '/deals', field: 'title', more: { value: '1' } };
const lists: List[] = [
  contacts,
  companies,
  deals,
  { path: '/projects', field: 'name', more: {} },
  { path: '/tasks', field: 'title', more: {} },
];
/** The lists that are searched by words only. */
const byWords = ['/deals', '/projects', '/tasks'];

interface Page {
  items: { id: string }[];
  nextCursor: string | null;
}

let tenant: OwnTenant;
let writer: Instance;
let reader: Instance;
let theirs: Instance;
/** The rows of each list by path, in the order of their creation. */
const rows = new Map<string, string[]>();
const row = (path: string, at: number) => rows.get(path)?.[at] ?? expect.fail('no such row');

beforeAll(async () => {
  const { url } = inject('cloud').postgres;
  const [own, other] = await Promise.all([createTenant(url), createTenant(url)]);
  tenant = own;
  [writer, reader, theirs] = await Promise.all([
    createInstance({ tenant }),
    createInstance({ tenant }),
    createInstance({ tenant: other }),
  ]);
  for (const { path, field, more } of lists) {
    const ids: string[] = [];
    for (const name of ['Zoë Lighthouse one', 'Lighthouse two', 'Lighthouse three', 'Breakwater']) {
      ids.push((await send(writer, 'POST', path, { [field]: name, ...more })).id);
    }
    rows.set(path, ids);
    await send(theirs, 'POST', path, { [field]: 'Zoë Lighthouse one', ...more });
    await send(theirs, 'POST', path, { [field]: 'Harpsichord', ...more });
  }
});
afterAll(() => Promise.all([writer.close(), reader.close(), theirs.close()]));

async function page(path: string, search: string, more = '', from = reader): Promise<Page> {
  const response = await from.request(`${path}?search=${encodeURIComponent(search)}${more}`);
  const text = await response.text();
  expect(response.status, `${path} ${search} ${text}`).toBe(200);
  return JSON.parse(text) as Page;
}
const found = async (path: string, search: string, more = '', from = reader) =>
  (await page(path, search, more, from)).items.map(({ id }) => id);

describe.each(lists)('the search of $path', ({ path, field, more }) => {
  test('finds words in any order, beginnings, words without accents and words with a typing error', async () => {
    for (const typed of ['lighthouse ZOE', 'zo light', 'Zoë Lighthouse', 'Lighthuose zoe', 'zoe lihgthouse']) {
      expect(await found(path, typed), typed).toEqual([row(path, 0)]);
    }
  });

  test('has its rows in the order of the list, each in one part', async () => {
    for (const typed of ['lighthouse', 'lihgthouse']) {
      const first = await page(path, typed, '&limit=2');
      expect(first.items.map(({ id }) => id)).toEqual([row(path, 2), row(path, 1)]);
      const second = await page(path, typed, `&limit=2&cursor=${first.nextCursor}`);
      expect(second).toMatchObject({ items: [{ id: row(path, 0) }], nextCursor: null });
      // A cursor of another search is a place in the same order.
      expect(await found(path, typed, `&cursor=${row(path, 0)}`)).toEqual([]);
      expect(await found(path, typed, `&cursor=${row(path, 3)}`)).toHaveLength(3);
    }
  });

  test('goes on after a row that is gone when the found rows are read', async () => {
    const { url } = inject('cloud').postgres;
    const kind = { '/contacts': 'contact', '/companies': 'company' }[path] ?? path.slice(1, -1);
    const entry = [tenant.id, kind, 'zzz'];
    await sql(url, `SELECT search_put($1, $2, $3, 'Lighthouse gone', '', '', '', '{}')`, entry);
    const first = await page(path, 'lighthou', '&limit=2');
    expect(first).toMatchObject({ items: [{ id: row(path, 2) }], nextCursor: row(path, 2) });
    expect(await found(path, 'lighthou', `&limit=2&cursor=${first.nextCursor}`)).toEqual([row(path, 1), row(path, 0)]);
    await sql(url, 'DELETE FROM search_entries WHERE tenant_id = $1 AND kind = $2 AND id = $3', entry);
  });

  test('never finds a row or a word of another tenant', async () => {
    expect(await found(path, 'lighthouse one')).toEqual([row(path, 0)]);
    expect(await found(path, 'lighthouse', '', theirs)).toHaveLength(1);
    expect(await found(path, 'harpsichord')).toEqual([]);
    expect(await found(path, 'harpsichrod')).toEqual([]);
  });

  test('finds an acknowledged write at once, also if another instance has cached the answer', async () => {
    const word = `gannet${path.slice(1)}`;
    const typo = word.replace('gannet', 'gannt');
    expect(await found(path, word)).toEqual([]);
    expect(await found(path, typo)).toEqual([]);
    const { id } = await send(writer, 'POST', path, { [field]: `A ${word}`, ...more });
    expect([await found(path, word), await found(path, typo)]).toEqual([[id], [id]]);
    await send(writer, 'PATCH', `${path}/${id}`, { [field]: 'Renamed' });
    expect([await found(path, word), await found(path, 'renamed')]).toEqual([[], [id]]);
    await send(writer, 'DELETE', `${path}/${id}`);
    expect(await found(path, 'renamed')).toEqual([]);
  });

  test('costs 2 statements with rows; without, the words are compared with similar ones', async () => {
    const cost = async (search: string) => costOf(await reader.request(`${path}?${search}&limit=9`))['db'];
    expect(await cost('search=breakwater')).toBe('2 queries');
    expect(await cost('search=breakwaetr')).toBe('4 queries');
    expect(await cost(`search=breakwater&cursor=${row(path, 0)}`)).toBe('3 queries');
    expect(await cost(`search=breakwaetr&cursor=${row(path, 0)}`)).toBe('5 queries');
    expect(await cost('search=breakwater')).toBe('0 queries');
  });

  test.each([
    ...['a & b | !c', "'; DROP TABLE contacts; --", "O'Brien", 'x:*', 'a\\', '$1', '%a%', '_a', 'a<->b', 'lé'],
    ...[
      'مرحبا بالعالم',
      '李',
      '東京'.repeat(50),
      'ab '.repeat(33),
      '1'.repeat(100),
      `a${'\u0301'.repeat(99)}`,
      '1 - + 2',
    ],
  ])('has an answer for %j', async (typed) => {
    expect(await found(path, typed)).toEqual([]);
  });

  test.each(['', ' ', 'a'.repeat(101), 'a\u0000b'])('refuses %j by its name', async (typed) => {
    const response = await reader.request(`${path}?search=${encodeURIComponent(typed)}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ field: 'search' }] });
  });
});

describe('the lists of deals, projects and tasks', () => {
  test.each(byWords)('%s refuses a text without a letter and a digit', async (path) => {
    for (const typed of ['…', '&|!:*', '%', '🪝']) {
      const response = await reader.request(`${path}?search=${encodeURIComponent(typed)}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        errors: [{ field: 'search', message: 'needs a letter or a digit' }],
      });
    }
  });
});

describe('a search beside another filter', () => {
  test('finds the rows that have both, by every filter of the list', async () => {
    const ownerId = tenant.userId;
    const companyId = row('/companies', 0);
    const cases = [
      { path: '/contacts', fields: { companyId, ownerId } },
      { path: '/companies', fields: { industry: "Buoys' = & \\ x", ownerId } },
      { path: '/deals', fields: { stage: 'won', companyId, ownerId } },
      { path: '/projects', fields: { status: 'active', companyId, ownerId } },
      {
        path: '/tasks',
        fields: {
          ...{ status: 'blocked', priority: 'urgent', assigneeId: ownerId, projectId: row('/projects', 0) },
          ...{ dealId: row('/deals', 0), dueDate: '2026-12-04' },
        },
      },
    ];
    for (const { path, fields } of cases) {
      const { field, more } = lists.find((list) => list.path === path) ?? expect.fail('no list');
      const { id } = await send(writer, 'POST', path, { ...more, [field]: 'Lighthouse owned', ...fields });
      const others = (await found(path, 'lighthouse')).filter((each) => each !== id);
      expect(others, path).toHaveLength(3);
      for (const [name, value] of Object.entries(fields)) {
        const filter = name === 'dueDate' ? 'dueBefore=2026-12-05' : `${name}=${encodeURIComponent(value)}`;
        expect(await found(path, 'light', `&${filter}`), `${path} ${filter}`).toEqual([id]);
        expect(await found(path, 'lighthuose', `&limit=1&${filter}`), `${path} ${filter}`).toEqual([id]);
        expect(await found(path, 'breakwater', `&${filter}`), `${path} ${filter}`).toEqual([]);
      }
      await send(writer, 'DELETE', `${path}/${id}`);
    }
  });

  test('by a custom field finds words in any place, page by page, and not the rows of another value', async () => {
    for (const [kind, { path, field, more }] of [
      ['contact', contacts],
      ['company', companies],
      ['deal', deals],
    ] as const) {
      const key = `quay_${kind}`;
      await send(writer, 'POST', '/custom-fields', { kind, key, name: key, type: 'text' });
      const ids: string[] = [];
      for (const value of ['East', 'West', "East's; --", 'East']) {
        const fields = { ...more, [field]: `Old ${kind} capstan`, custom: { [key]: value } };
        ids.push((await send(writer, 'POST', path, fields)).id);
      }
      const first = await page(path, 'capstan', `&limit=1&custom.${key}=East`);
      expect(first.items.map(({ id }) => id)).toEqual([ids[3]]);
      const second = await page(path, 'capstan', `&limit=1&custom.${key}=East&cursor=${first.nextCursor}`);
      expect(second).toMatchObject({ items: [{ id: ids[0] }], nextCursor: null });
      expect(await found(path, 'capstna', `&custom.${key}=${encodeURIComponent("East's; --")}`)).toEqual([ids[2]]);
      for (const id of ids) await send(writer, 'DELETE', `${path}/${id}`);
    }
  });
});
