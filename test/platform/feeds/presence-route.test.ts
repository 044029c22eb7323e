/** Topics of rows that do not exist, and `GET /feeds/presence` in the app: rights, refusals and costs. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { costOf } from '../../support/app.ts';
import { readFrames } from '../../support/sse.ts';
import { addKey } from '../../support/tenant.ts';
import { createWorld, type World } from '../auth/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const problemOf = async (response: Response) => (await response.json()) as { status: number; detail: string };
const cost = (requests: string, commands: number) => ({ redis: `${requests}, ${commands} commands`, db: '0 queries' });
const GATE = cost('1 request', 4);

/** A signed-in browser and a deal whose row is cached. All scripts of the gate have been sent. */
async function withDeal() {
  const { browser, person } = await world.signedIn();
  const { id } = (await (await browser.request('/deals', { json: { title: 'One', value: '1' } })).json()) as {
    id: string;
  };
  expect((await browser.request(`/deals/${id}`)).status).toBe(200);
  return { browser, person, id };
}

/** Reads the costs of the gate and of the lookups before a connection, and leaves. */
async function costOfConnecting(response: Response) {
  expect(response.status).toBe(200);
  await response.body?.cancel();
  return costOf(response);
}

describe('a topic of a row', () => {
  test.each(['deal:deal_unknown', 'project:anything'])(
    '%s that does not exist is refused with its reason',
    async (topic) => {
      const { browser } = await world.signedIn();
      const problem = await problemOf(await browser.request(`/feeds?topics=deals,${topic}`));
      expect(problem).toMatchObject({ status: 404, detail: `The row of the topic ${topic} does not exist` });
    },
  );

  test('of another tenant is refused', async () => {
    const { id } = await withDeal();
    const other = await createWorld();
    const { browser } = await other.signedIn();
    expect((await browser.request(`/feeds?topics=deal:${id}`)).status).toBe(404);
    await other.close();
  });

  test('that is cached is looked up in the request of the gate, without a command more', async () => {
    const { browser, id } = await withDeal();
    expect(await costOfConnecting(await browser.request('/feeds?topics=deals'))).toEqual(GATE);
    expect(await costOfConnecting(await browser.request(`/feeds?topics=deals,deal:${id}`))).toEqual(GATE);
  });

  test('that was deleted is refused to a new connection, and accepted from one that resumes', async () => {
    const { browser, id } = await withDeal();
    expect((await browser.request(`/deals/${id}`, { method: 'DELETE' })).ok).toBe(true);
    expect((await browser.request(`/feeds?topics=deal:${id}`)).status).toBe(404);
    const headers = { 'last-event-id': `deal:${id}@0.1` };
    expect(await costOfConnecting(await browser.request(`/feeds?topics=deal:${id}`, { headers }))).toEqual(GATE);
  });
});

describe('GET /feeds/presence', () => {
  test('names each user in the room once, for 1 request and 1 command after the gate', async () => {
    const { browser, person, id } = await withDeal();
    const topics = `deals,deal:${id}`;
    const tabs = [await browser.request(`/feeds?topics=${topics}`), await browser.request(`/feeds?topics=${topics}`)];
    const readers = tabs.map(readFrames);
    for (const reader of readers) await reader.event();
    const ofDeals = await browser.request('/feeds/presence?topic=deals');
    expect(await ofDeals.json()).toEqual({ topic: 'deals', userIds: [person.id] });
    expect(costOf(ofDeals)).toEqual(cost('2 requests', 5));
    // The gate's MGET reads the row of the deal too.
    const ofDeal = await browser.request(`/feeds/presence?topic=deal:${id}`);
    expect(await ofDeal.json()).toEqual({ topic: `deal:${id}`, userIds: [person.id] });
    expect(costOf(ofDeal)).toEqual(cost('2 requests', 5));
    const byServer = await world.request('/feeds/presence?topic=deals', { key: world.tenant.keys.all });
    expect(await byServer.json()).toEqual({ topic: 'deals', userIds: [person.id] });
    for (const reader of readers) await reader.close();
  });

  test('names a user who has left until the end of the grace, and then no longer', async () => {
    const { browser, person, id } = await withDeal();
    const read = async () => (await (await browser.request(`/feeds/presence?topic=deal:${id}`)).json()).userIds;
    expect(await read()).toEqual([]);
    const reader = readFrames(await browser.request(`/feeds?topics=deal:${id}`));
    await reader.event();
    await reader.close();
    expect(await read()).toEqual([person.id]);
    world.clock.ahead += 180_000;
    expect(await read()).toEqual([]);
  });

  test.each([
    ['no topic', '', 400, undefined],
    ['a topic that is no name', '?topic=de*als', 400, undefined],
    ['an unknown topic', '?topic=nothing', 404, 'The topic nothing does not exist'],
    ['a topic without presence', '?topic=inbox', 404, 'The presence of the topic inbox does not exist'],
    ['a row that does not exist', '?topic=deal:none', 404, 'The row of the topic deal:none does not exist'],
  ])('refuses %s', async (_name, search, status, detail) => {
    const { browser } = await world.signedIn();
    const problem = await problemOf(await browser.request(`/feeds/presence${search}`));
    expect(problem).toMatchObject({ status, ...(detail && { detail }) });
  });

  test('needs credentials, and the right of the topic', async () => {
    expect((await world.browser().request('/feeds/presence?topic=deals')).status).toBe(401);
    const key = await addKey(inject('cloud').postgres.url, world.tenant.id, { rights: ['keys:manage'] });
    const problem = await problemOf(await world.request('/feeds/presence?topic=deals', { key }));
    expect(problem).toMatchObject({ status: 403, detail: 'The topic deals needs the right crm:read' });
  });
});

test('the notifications name their topic to users, and not to API keys, which have no inbox', async () => {
  const { browser } = await world.signedIn();
  for (const path of ['/notifications', '/notifications/unread']) {
    expect((await browser.request(path)).headers.get('link')).toBe('</feeds?topics=inbox>; rel="monitor"');
    expect((await world.request(path, { key: world.tenant.keys.all })).headers.get('link')).toBeNull();
  }
});
