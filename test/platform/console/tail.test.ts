/** The live tail: its sources, its filter, its costs, and the rights of its callers. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addKey, createTenant } from '../../support/tenant.ts';
import { type Desk, open, openDesk, plain, wordsOf } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
beforeEach(() => desk.clear());
afterAll(() => desk.close());

const TAIL = '/console/tail';

/** Creates a deal, whose event goes to the stream `deals` and to the feed `changes`. Returns its id. */
async function addDeal(key = desk.world.tenant.keys.all): Promise<string> {
  const json = { title: 'Anchors', value: '10.00' };
  const answer = await desk.world.app.test.request('/deals', { method: 'POST', json, key });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}

/** The rows of the page as words. */
const rowsOf = (text: string) => [...text.matchAll(/<tr>(.*?)<\/tr>/gs)].slice(1).map(([, row = '']) => wordsOf(row));

test('shows changes, events of streams without their data, and jobs, in 2 requests and without a query', async () => {
  const { browser } = await desk.signedIn();
  const [deal, job] = [await addDeal(), await desk.enqueue(plain, 1, { delay: '1h' })];
  const { text, cost } = await open(browser, TAIL);
  const rows = rowsOf(text);
  expect(rows).toContainEqual(expect.stringMatching(new RegExp(`^deal\\.created .* changes ${deal} `)));
  expect(rows).toContainEqual(expect.stringMatching(new RegExp(`stream deals ${deal}, version 1 –$`)));
  expect(rows).toContainEqual(expect.stringMatching(new RegExp(`^queued .* jobs desk\\.plain ${job} –$`)));
  expect(text).not.toContain('Anchors');
  const jobs = rows.filter((row) => row.includes(' jobs ')).length;
  // The gate 4, one command for each of the two feeds, the stream and the index of jobs, and 2 for each job.
  expect(cost).toEqual({ redis: `2 requests, ${8 + 2 * jobs} commands`, db: '0 queries' });
});

test('its filter keeps a source and a text, and reads only the source', async () => {
  const { browser } = await desk.signedIn();
  const [one, other] = [await addDeal(), await addDeal()];
  const { text, cost } = await open(browser, `${TAIL}?${new URLSearchParams({ source: 'changes', text: other })}`);
  expect(rowsOf(text)).toEqual([expect.stringContaining(other)]);
  expect(text).not.toContain(one);
  expect(cost).toEqual({ redis: '1 request, 5 commands', db: '0 queries' });
  expect(rowsOf((await open(browser, `${TAIL}?source=none`)).text)).toEqual([]);
});

test('shows a feed only to callers with its right, and no event of another tenant', async () => {
  const { connectionString, tenant, app } = desk.world;
  const deal = await addDeal();
  const other = await createTenant(connectionString);
  const theirs = await addDeal(other.keys.all);
  const ask = async (rights: string[]) => {
    const key = await addKey(connectionString, tenant.id, { rights });
    const answer = await app.test.request(TAIL, { method: 'GET', key });
    return { status: answer.status, text: await answer.text() };
  };
  const viewer = await ask(['console:view']);
  expect(viewer.text).not.toMatch(/>changes</);
  expect(viewer.text).toContain('data-topics="jobs"');
  const reader = await ask(['console:view', 'crm:read']);
  expect(rowsOf(reader.text)).toContainEqual(expect.stringContaining(`changes ${deal}`));
  expect(reader.text).toContain('data-topics="jobs,changes"');
  expect(reader.text).not.toContain(theirs);
  expect((await ask(['crm:read'])).status).toBe(403);
});
