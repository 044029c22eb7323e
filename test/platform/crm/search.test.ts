/** `GET /search`: what it finds, when, for which caller, and at which cost. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { SearchResult } from '../../../src/crm/search/schema.ts';
import { COST_OF_A_HIT, costOf } from '../../support/app.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { addKey, createTenant, type OwnTenant } from '../../support/tenant.ts';
import { send } from './world.ts';

let tenant: OwnTenant;
let other: OwnTenant;
let writer: Instance;
let reader: Instance;
let theirs: Instance;
const ids: Record<string, string> = {};

beforeAll(async () => {
  const { url } = inject('cloud').postgres;
  [tenant, other] = await Promise.all([createTenant(url), createTenant(url)]);
  [writer, reader] = await Promise.all([createInstance({ tenant }), createInstance({ tenant })]);
  theirs = await createInstance({ tenant: other });
  const ownerId = tenant.userId;
  const add = async (instance: Instance, path: string, fields: object) =>
    (await send(instance, 'POST', path, fields)).id;
  ids['company'] = await add(writer, '/companies', {
    name: 'Brüning Seilerei',
    domain: 'bruening-ropes.example',
    city: 'Łódź',
  });
  ids['contact'] = await add(writer, '/contacts', {
    name: 'Zoë Montgomery',
    email: 'zoe.m@kelp-farm.example',
    phone: '+49 (151) 2345-6789',
    jobTitle: 'Harbour Master',
    ownerId,
  });
  ids['deal'] = await add(writer, '/deals', {
    title: 'Anchors for Montgomery',
    value: '1',
    stage: 'proposal',
    ownerId,
  });
  ids['project'] = await add(writer, '/projects', { name: 'Montgomery quay', description: 'New bollards' });
  ids['task'] = await add(writer, '/tasks', { title: 'Call Montgomery', assigneeId: ownerId });
  ids['other deal'] = await add(writer, '/deals', { title: 'Montgomery buoys', value: '1' });
  ids['east'] = await add(writer, '/contacts', { name: '東京海運株式会社', email: 'info@tokyo.example' });
  for (const [path, fields] of [
    ['/companies', { name: 'Montgomery Theirs' }],
    ['/contacts', { name: 'Zoë Montgomery', email: 'zoe.m@kelp-farm.example', phone: '+49 151 23456789' }],
    ['/deals', { title: 'Anchors for Montgomery', value: '1' }],
    ['/projects', { name: 'Montgomery quay' }],
    ['/tasks', { title: 'Call Montgomery' }],
  ] as const) {
    await add(theirs, path, fields);
  }
});
afterAll(() => Promise.all([writer.close(), reader.close(), theirs.close()]));

async function find(query: string, from: Instance = reader, more = ''): Promise<SearchResult> {
  const response = await from.request(`/search?q=${encodeURIComponent(query)}${more}`);
  const text = await response.text();
  expect(response.status, `${query} ${text}`).toBe(200);
  return JSON.parse(text) as SearchResult;
}
const found = async (query: string, more = '', from = reader) =>
  (await find(query, from, more)).items.map(({ id }) => id);

describe('finds a row', () => {
  test.each([
    ['words in any order', 'montgomery zoe', 'contact'],
    ['beginnings of words', 'zo mont', 'contact'],
    ['text without its accents', 'bruning', 'company'],
    ['accents that the row does not have', 'Zöe Môntgomery', 'contact'],
    ['a letter that is no letter with a mark', 'lodz', 'company'],
    ['a part of the address before the sign', 'zoe.m', 'contact'],
    ['a part of the domain', '@kelp-farm', 'contact'],
    ['a whole address', 'ZOE.M@kelp-farm.example', 'contact'],
    ['digits without signs', '4915123456789', 'contact'],
    ['a number as it is dialled in the country', '0151 2345 6789', 'contact'],
    ['the last digits', '456789', 'contact'],
    ['digits in the middle', '5123-45', 'contact'],
    ['a name and digits', 'zoe 23456789', 'contact'],
    ['a description', 'bollards', 'project'],
    ['a dropped letter', 'Zoe Montgmery', 'contact'],
    ['a doubled letter', 'Brunning Seilerei', 'company'],
    ['swapped letters', 'Montogmery buoys', 'other deal'],
    ['a wrong letter', 'Anchirs Montgomery', 'deal'],
    ['a part of a text without blanks', '海運', 'east'],
    ['one character of a text without blanks', '社', 'east'],
  ])('by %s', async (_by, query, name) => {
    expect((await found(query)).slice(0, 3)).toContain(ids[name]);
  });

  test('of each kind by one word, and none of another tenant', async () => {
    const own = ['contact', 'deal', 'other deal', 'project', 'task'].map((name) => ids[name]);
    expect((await found('montgomery')).toSorted()).toEqual(own.toSorted());
    expect(await found('montgomery', '', theirs)).toHaveLength(5);
    for (const kind of ['contact', 'company', 'deal', 'project', 'task']) {
      const ofTheirs = await found('montgomery', `&kind=${kind}`, theirs);
      const ofOurs = await found('montgomery', `&kind=${kind}`);
      expect(ofTheirs).toHaveLength(1);
      expect(ofOurs.filter((id) => ofTheirs.includes(id))).toEqual([]);
    }
    expect(await found('theirs')).toEqual([]);
    // Words of the other tenant are no corrections either.
    expect(await find('thiers')).toMatchObject({ items: [], corrections: [] });
  });

  test('of the kinds, the owner and the stage that are asked for', async () => {
    expect(await found('montgomery', '&kind=task')).toEqual([ids['task']]);
    expect((await found('montgomery', '&kind=deal,project')).toSorted()).toEqual(
      [ids['deal'], ids['other deal'], ids['project']].toSorted(),
    );
    const owned = ['contact', 'deal', 'task'].map((name) => ids[name]);
    expect((await found('montgomery', `&ownerId=${tenant.userId}`)).toSorted()).toEqual(owned.toSorted());
    expect(await found('montgomery', '&stage=proposal')).toEqual([ids['deal']]);
    expect(await found('montgomery', '&stage=proposal&kind=contact')).toEqual([]);
  });

  test('and reports the words that it searched in addition', async () => {
    const { corrections } = await find('Montgmery');
    expect(corrections).toEqual([{ from: 'montgmery', to: ['montgomery'] }]);
    expect((await find('montgomery')).corrections).toEqual([]);
  });

  test('and names no word of a row that is gone', async () => {
    const { id } = await send(writer, 'POST', '/contacts', { name: 'Departing Person' });
    expect((await find('Deprating')).corrections).toEqual([{ from: 'deprating', to: ['departing'] }]);
    await send(writer, 'DELETE', `/contacts/${id}`);
    expect(await find('Deprating')).toMatchObject({ items: [], corrections: [] });
  });

  test('and says whether more rows match than were asked for', async () => {
    expect(await find('montgomery', reader, '&limit=2')).toMatchObject({ items: [{}, {}], more: true });
    expect(await find('montgomery', reader, '&limit=5')).toMatchObject({ more: false });
  });
});

describe('the best hit comes first', () => {
  test('a whole name before a longer text with the same words', async () => {
    expect((await found('zoe montgomery'))[0]).toBe(ids['contact']);
    expect((await found('montgomery buoys'))[0]).toBe(ids['other deal']);
  });
});

describe('an acknowledged write is found at once', () => {
  test('by another instance whose answer was cached', async () => {
    for (const { path, field, more } of [
      { path: '/contacts', field: 'name', more: {} },
      { path: '/companies', field: 'name', more: {} },
      { path: '/deals', field: 'title', more: { value: '1' } },
      { path: '/projects', field: 'name', more: {} },
      { path: '/tasks', field: 'title', more: {} },
    ]) {
      const word = `fresh${path.slice(1)}`;
      expect(await found(word)).toEqual([]);
      const { id } = await send(writer, 'POST', path, { [field]: `A ${word}`, ...more });
      expect(await found(word)).toEqual([id]);
      expect(await found(`${word.slice(0, 6)}${word.slice(7)}`)).toEqual([id]);
      await send(writer, 'PATCH', `${path}/${id}`, { [field]: `A renamed ${path.slice(1)}` });
      expect(await found(word)).toEqual([]);
      expect(await found(`renamed ${path.slice(1)}`)).toEqual([id]);
      await send(writer, 'DELETE', `${path}/${id}`);
      expect(await found(`renamed ${path.slice(1)}`)).toEqual([]);
    }
  });

  test('also by its new owner and stage', async () => {
    const { id } = await send(writer, 'POST', '/deals', { title: 'Moving lamps', value: '1' });
    expect(await found('lamps', '&stage=won')).toEqual([]);
    await send(writer, 'PATCH', `/deals/${id}`, { stage: 'won', ownerId: tenant.userId });
    expect(await found('lamps', `&stage=won&ownerId=${tenant.userId}`)).toEqual([id]);
    expect(await found('lamps', '&stage=lead')).toEqual([]);
  });
});

describe('costs', () => {
  test('a hit is 1 request to Redis, and no query', async () => {
    await find('costly montgomery');
    const response = await reader.request('/search?q=costly%20montgomery');
    expect(response.headers.get('x-cache')).toBe('HIT');
    expect(costOf(response)).toMatchObject(COST_OF_A_HIT);
  });

  test('a miss is 1 statement with enough hits, and 3 if a word may have a typing error', async () => {
    const cost = async (query: string) =>
      costOf(await reader.request(`/search?q=${encodeURIComponent(query)}&limit=9`))['db'];
    expect(await cost('MONTGOMERY')).toBe('1 query');
    expect(await cost('anchors montgomrey')).toBe('3 queries');
    expect(await cost('99')).toBe('1 query');
  });

  test('a write ends the searches of its kind only', async () => {
    const cacheOf = async (kind: string) => {
      const response = await reader.request(`/search?q=montgomery&kind=${kind}&limit=7`);
      await response.text();
      return response.headers.get('x-cache');
    };
    for (const kind of ['contact', 'task', 'contact,task']) await cacheOf(kind);
    await send(writer, 'PATCH', `/tasks/${ids['task']}`, { priority: 'high' });
    expect(await cacheOf('contact')).toBe('HIT');
    expect(await cacheOf('task')).toBe('MISS');
    expect(await cacheOf('task,contact')).toBe('MISS');
  });
});

describe('a caller', () => {
  test('with the right to read the CRM finds every kind', async () => {
    const response = await reader.request('/search?q=montgomery', { key: tenant.keys.readOnly });
    expect(((await response.json()) as SearchResult).items).toHaveLength(5);
  });

  test('without the right finds no kind', async () => {
    const key = await addKey(inject('cloud').postgres.url, tenant.id, { rights: ['analytics:refresh'] });
    const response = await reader.request('/search?q=montgomery', { key });
    expect(response.status).toBe(403);
    expect(await response.text()).not.toContain('Montgomery');
  });
});

describe('marked parts', () => {
  test('are the whole title and say which parts match', async () => {
    const [hit] = (await find('zöe montg', reader, '&kind=contact')).items;
    expect(hit?.titleParts).toEqual([
      { text: 'Zoë', match: true },
      { text: ' ', match: false },
      { text: 'Montg', match: true },
      { text: 'omery', match: false },
    ]);
    const [byPhone] = (await find('0151 2345 6789')).items;
    expect(byPhone?.detailParts.filter(({ match }) => match)).toEqual([{ text: '2345-6789', match: true }]);
  });

  test('have markup of a row as text', async () => {
    const title = '<script>alert("x")</script> <b>bold</b>';
    await send(writer, 'POST', '/tasks', { title });
    const [hit] = (await find('alert bold')).items;
    expect(hit?.titleParts.map(({ text }) => text).join('')).toBe(title);
    expect(hit?.titleParts.filter(({ match }) => match).map(({ text }) => text)).toEqual(['alert', 'bold']);
  });
});

describe('a text that nothing can be found by', () => {
  test.each(['', ' ', '…', "'", '&|!:*<->()', '\\', '%', '🪝', 'a'.repeat(201), 'a\u0000b'])(
    '%j is refused by the name `q`',
    async (query) => {
      const response = await reader.request(`/search?q=${encodeURIComponent(query)}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ field: 'q' }] });
    },
  );

  test('is refused if it is missing, and so is an unknown kind or stage', async () => {
    for (const [query, field] of [
      ['', 'q'],
      ['?q=a&kind=user', 'kind'],
      ['?q=a&kind=', 'kind'],
      ['?q=a&stage=x', 'stage'],
      ['?q=a&limit=51', 'limit'],
    ]) {
      const response = await reader.request(`/search${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ field }] });
    }
  });

  test.each([
    ...['a', 'é', '7', '李', "O'Brien", 'x:*', 'a & b | !c', "'; DROP TABLE contacts; --", 'a\\', '\\x27', '$1', '{a}'],
    ...[
      'ab '.repeat(60),
      'مرحبا بالعالم',
      'Привет',
      'नमस्ते',
      '안녕하세요',
      'สวัสดีครับ',
      'ｆｕｌｌ',
      '½',
      '﷽',
      '1'.repeat(200),
    ],
    ...['京'.repeat(200), `a${'\u0301'.repeat(150)}`, 'İ', 'ß', '0000', '+', '()'].filter((text) =>
      /[\p{L}\p{N}]/u.test(text),
    ),
  ])('%j has an answer of a bounded length', async (query) => {
    const { items } = await find(query.trim());
    expect(items.length).toBeLessThanOrEqual(20);
  });
});
