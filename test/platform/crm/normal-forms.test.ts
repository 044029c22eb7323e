/** The API stores texts and addresses in one form, and searches find every spelling of them. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant } from '../../support/tenant.ts';

let api: Instance;
beforeAll(async () => {
  api = await createInstance({ tenant: await createTenant(inject('cloud').postgres.url) });
});
afterAll(() => api.close());

interface Contact {
  id: string;
  name: string;
  email: string | null;
  phone: string | null;
}
async function add(fields: Record<string, unknown>, path = '/contacts'): Promise<Contact & { domain: string }> {
  const response = await api.request(path, { method: 'POST', json: fields });
  const body = (await response.json()) as Contact & { domain: string };
  expect(response.status, JSON.stringify(body)).toBe(201);
  return body;
}
async function search(text: string): Promise<string[]> {
  const response = await api.request(`/contacts?search=${encodeURIComponent(text)}`);
  return ((await response.json()) as { items: Contact[] }).items.map(({ name }) => name).toSorted();
}

test('a search in NFC, NFD, capitals or full width finds a name sent in NFC and a name sent in NFD', async () => {
  await add({ name: 'Zoé Nfc' });
  await add({ name: 'Zoe\u0301 Nfd' });
  for (const text of ['Zoé', 'zoe\u0301', 'ZOÉ', 'Ｚｏé']) expect(await search(text)).toEqual(['Zoé Nfc', 'Zoé Nfd']);
});

test('a search finds ligatures and full-width letters by plain letters, and plain letters by them', async () => {
  await add({ name: 'ﬁnn Ｔｏｋｙｏ' });
  await add({ name: 'Finn Tokyo' });
  for (const text of ['finn tokyo', 'ﬁnn', 'ＦＩＮＮ', 'Finn\u00a0 T']) {
    expect(await search(text)).toEqual(['Finn Tokyo', 'ﬁnn Ｔｏｋｙｏ'].toSorted());
  }
});

test('names, phones and addresses are stored without white space at their ends and invisible characters', async () => {
  const stored = await add({
    name: ' \u200fMary\u00a0 Jane\u3000Watson\u200b ',
    phone: '\u202a+49 30\u00a0123\u202c',
    email: '\u00a0Mary.Jane@X.example ',
  });
  expect(stored).toMatchObject({ name: 'Mary Jane Watson', phone: '+49 30 123', email: 'mary.jane@x.example' });
});

describe('international addresses', () => {
  test.each([
    ['info@bücher.example', 'info@bücher.example'],
    ['Office@xn--bcher-kva.example', 'office@bücher.example'],
    ['JOSE\u0301@cell.example', 'josé@cell.example'],
  ])('%s is stored as %s, and found in each spelling', async (sent, stored) => {
    const { name, email } = await add({ name: `Mail ${stored}`, email: sent });
    expect(email).toBe(stored);
    for (const text of [sent, stored, stored.normalize('NFD'), stored.toUpperCase()]) {
      expect(await search(text)).toEqual([name]);
    }
  });

  test('of companies: a domain is stored as people write it', async () => {
    expect(await add({ name: 'Books', domain: 'WWW.xn--bcher-kva.Example' }, '/companies')).toMatchObject({
      domain: 'www.bücher.example',
    });
  });
});

test.each([
  ['name', '\ufffd\ufffd'],
  ['name', 'Jos\ufffd'],
  ['phone', '+49\ufffd'],
  ['email', 'jos\ufffd@x.example'],
])('U+FFFD in %s is refused: %j', async (field, value) => {
  const response = await api.request('/contacts', { method: 'POST', json: { name: 'Ada', [field]: value } });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ field }] });
});
