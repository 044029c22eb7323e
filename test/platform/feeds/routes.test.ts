/** `GET /feeds` in the app: who may listen to which topic, how a browser learns to stop, and the feeds of the CRM. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Frame, type FrameReader, readFrames } from '../../support/sse.ts';
import { addKey, sql } from '../../support/tenant.ts';
import { createWorld, type World } from '../auth/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** The body of a refusal. */
const problemOf = async (response: Response) => (await response.json()) as { status: number; detail: string };

interface Event {
  event: string;
  data: { type: string; id: string; actorId: string };
}

/** Connects, and returns the reader behind `hello`. */
async function listen(response: Response) {
  expect(response.status).toBe(200);
  const reader: FrameReader = readFrames(response);
  expect(await reader.event()).toMatchObject({ event: 'hello' });
  return {
    ...reader,
    /** Returns the next event that is not about presence. */
    async change(): Promise<Event> {
      for (;;) {
        const event = (await reader.event()) as Event | null;
        if (!event) throw new Error('The connection has ended');
        if (!event.data.type.startsWith('presence.')) return event;
      }
    },
  };
}

const byeIn = (frames: readonly Frame[]) => JSON.parse(frames.find(({ event }) => event === 'bye')?.data ?? '{}');

describe('a connection', () => {
  test('may not be stored or buffered on its way', async () => {
    const { browser } = await world.signedIn();
    const response = await browser.request('/feeds?topics=deals');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'content-encoding': 'identity',
    });
    expect(response.headers.has('etag')).toBe(false);
    await response.body?.cancel();
  });

  test.each([
    ['no topics', '/feeds', 'topics'],
    ['an empty topic', '/feeds?topics=deals,', 'topics'],
    ['a topic that is no name', '/feeds?topics=de*als', 'topics'],
    ['more than 20 topics', `/feeds?topics=${Array.from({ length: 21 }, (_, n) => `deal:deal_${n}`)}`, 'topics'],
    ['a cursor of another API', '/feeds?topics=deals&after=42', 'after'],
  ])('with %s is refused, and the answer names the parameter', async (_name, path, field) => {
    const { browser } = await world.signedIn();
    const problem = await problemOf(await browser.request(path));
    expect(problem).toMatchObject({ status: 400, errors: [{ field }] });
  });

  test('with a malformed Last-Event-ID is refused, and the answer names the header', async () => {
    const { browser } = await world.signedIn();
    const problem = await problemOf(
      await browser.request('/feeds?topics=deals', { headers: { 'last-event-id': 'x' } }),
    );
    expect(problem).toMatchObject({ status: 400, errors: [{ field: 'last-event-id' }] });
  });

  test.each(['nothing', 'deals:deal_1', 'deal', 'inbox:user_1'])('to the unknown topic %s gets 404', async (topic) => {
    const { browser } = await world.signedIn();
    const problem = await problemOf(await browser.request(`/feeds?topics=${topic}`));
    expect(problem).toMatchObject({ status: 404, detail: `The topic ${topic} does not exist` });
  });

  test('without the right of a topic gets 403, and the answer names the topic and the right', async () => {
    const key = await addKey(inject('cloud').postgres.url, world.tenant.id, { rights: ['crm:read'] });
    const problem = await problemOf(await world.request('/feeds?topics=deals,job:import_1', { key }));
    expect(problem).toMatchObject({ status: 403, detail: 'The topic job:import_1 needs the right jobs:admin' });
  });

  test('of an API key to a feed of users gets 404, because a machine has no inbox', async () => {
    const problem = await problemOf(await world.request('/feeds?topics=inbox', { key: world.tenant.keys.all }));
    expect(problem.status).toBe(404);
  });
});

describe('a browser without valid credentials', () => {
  test('gets 401 at first, and 204 when it resumes, so that it stops', async () => {
    const browser = world.browser();
    expect((await browser.request('/feeds?topics=deals')).status).toBe(401);
    expect((await browser.request('/feeds?topics=deals&after=deals@0.1')).status).toBe(204);
    const resumed = await browser.request('/feeds?topics=deals', { headers: { 'last-event-id': 'deals@0.1' } });
    expect(resumed.status).toBe(204);
    expect(resumed.headers.get('cache-control')).toBe('no-store');
  });

  test('gets 401 with a bearer token also when it resumes, so that it comes back with a new token', async () => {
    const headers = { authorization: 'Bearer expired' };
    const resumed = await world.browser().request('/feeds?topics=deals&after=deals@0.1', { headers });
    expect(resumed.status).toBe(401);
  });

  test('gets the end of its session at once when it signs out', async () => {
    const { browser } = await world.signedIn();
    const reader = await listen(await browser.request('/feeds?topics=deals'));
    expect((await browser.request('/auth/sign-out', { method: 'POST' })).ok).toBe(true);
    expect(byeIn(await reader.rest())).toEqual({ why: 'session' });
  });
});

describe('the idle time of a session', () => {
  const HALF_AN_HOUR = 30 * 60_000;

  test.each([
    ['a connection to the feeds does not extend it', '/feeds?topics=deals', 401],
    ['a request of the user extends it', '/deals', 200],
  ])('%s', async (_name, path, status) => {
    const { browser } = await world.signedIn();
    world.clock.ahead += HALF_AN_HOUR;
    await (await browser.request(path)).body?.cancel();
    world.clock.ahead += HALF_AN_HOUR + 1;
    expect((await browser.request('/auth/session')).status).toBe(status);
  });
});

test('an event that Redis refuses stays in the outbox, and the drain publishes it', async () => {
  const { browser } = await world.signedIn();
  const reader = await listen(await browser.request('/feeds?topics=deals'));
  world.redis.faults.publish = '503';
  const deal = await (await browser.request('/deals', { json: { title: 'Kept', value: '1' } })).json();
  world.redis.faults = {};
  world.clock.ahead += 5_000;
  await world.platform.scheduled();
  expect(await reader.change()).toMatchObject({ data: { type: 'deal.created', id: deal.id } });
  await reader.close();
});

describe('the feeds of the CRM', () => {
  test('a change of a deal arrives on the deal, the pipeline and the dashboard, with the user who made it', async () => {
    const { browser, person } = await world.signedIn();
    const deal = await (await browser.request('/deals', { json: { title: 'One', value: '10' } })).json();
    const topics = [`deal:${deal.id}`, 'deals', 'dashboard'];
    const readers = await Promise.all(
      topics.map(async (topic) => listen(await browser.request(`/feeds?topics=${topic}`))),
    );
    const patch = { method: 'PATCH', json: { stage: 'won' } };
    expect((await browser.request(`/deals/${deal.id}`, patch)).status).toBe(200);
    for (const [at, reader] of readers.entries()) {
      expect(await reader.change()).toMatchObject({
        event: topics[at],
        data: { type: 'deal.won', id: deal.id, actorId: person.id },
      });
      await reader.close();
    }
  });

  test('a change of a task arrives on its deal and on its project', async () => {
    const { browser } = await world.signedIn();
    const made = async (path: string, json: object) =>
      (await (await browser.request(path, { json })).json()) as { id: string };
    const deal = await made('/deals', { title: 'One', value: '10' });
    const project = await made('/projects', { name: 'Roof' });
    const reader = await listen(await browser.request(`/feeds?topics=deal:${deal.id},project:${project.id}`));
    const task = await made('/tasks', { title: 'Call', dealId: deal.id, projectId: project.id });
    const events = [await reader.change(), await reader.change()];
    expect(events.map(({ event }) => event).toSorted()).toEqual([`deal:${deal.id}`, `project:${project.id}`]);
    for (const { data } of events) expect(data).toMatchObject({ type: 'task.created', id: task.id });
    await reader.close();
  });

  test('an event of another tenant does not arrive', async () => {
    const [one, other] = [await world.signedIn(), await createWorld()];
    const theirs = await other.signedIn();
    const reader = await listen(await one.browser.request('/feeds?topics=deals'));
    await theirs.browser.request('/deals', { json: { title: 'Theirs', value: '1' } });
    const mine = await (await one.browser.request('/deals', { json: { title: 'Mine', value: '1' } })).json();
    expect(await reader.change()).toMatchObject({ data: { type: 'deal.created', id: mine.id } });
    await reader.close();
    await other.close();
  });

  test('a write that is rolled back sends no event', async () => {
    const { browser } = await world.signedIn();
    const reader = await listen(await browser.request('/feeds?topics=deals'));
    const refused = await browser.request('/deals', { json: { title: 'One', value: '1', companyId: 'comp_none' } });
    expect(refused.status).toBe(409);
    const deal = await (await browser.request('/deals', { json: { title: 'Two', value: '1' } })).json();
    expect(await reader.change()).toMatchObject({ data: { id: deal.id } });
    await reader.close();
  });

  test('a refetch on the event is never older than the write that the event tells of', async () => {
    const { browser } = await world.signedIn();
    const deal = await (await browser.request('/deals', { json: { title: 'One', value: '1' } })).json();
    const reader = await listen(await browser.request('/feeds?topics=deals'));
    const titleOf = async () => (await (await browser.request(`/deals/${deal.id}`)).json()).title;
    await titleOf();
    for (const title of ['Two', 'Three', 'Four']) {
      const written = browser.request(`/deals/${deal.id}`, { method: 'PATCH', json: { title } });
      expect(await reader.change()).toMatchObject({ data: { type: 'deal.updated', id: deal.id } });
      expect(await titleOf()).toBe(title);
      await written;
      expect(await titleOf()).toBe(title);
    }
    await reader.close();
  });

  test('the other tabs of a user hear of a read notification, and no other user does', async () => {
    const { browser, person } = await world.signedIn();
    const other = await world.signedIn();
    await sql(
      world.database,
      `INSERT INTO notifications (tenant_id, id, user_id, kind, title, data, created_at, updated_at)
       VALUES ($1, 'notification_live', $2, 'deal.won', 'Won', '{}', now(), now())`,
      [world.tenant.id, person.id],
    );
    const own = await listen(await browser.request('/feeds?topics=inbox'));
    const theirs = await listen(await other.browser.request('/feeds?topics=inbox,deals'));
    expect((await browser.request('/notifications/notification_live/read', { method: 'POST' })).status).toBe(204);
    expect(await own.change()).toMatchObject({ data: { type: 'notification.read', id: 'notification_live' } });
    const deal = await (await browser.request('/deals', { json: { title: 'Last', value: '1' } })).json();
    expect(await theirs.change()).toMatchObject({ event: 'deals', data: { id: deal.id } });
    await Promise.all([own.close(), theirs.close()]);
  });
});

describe('the routes', () => {
  test('of a deal, a project, the pipeline, the dashboards, the inbox and an import name their topic, which exists', async () => {
    const { browser, person } = await world.signedIn();
    const made = async (path: string, json: object) =>
      ((await (await browser.request(path, { json })).json()) as { id: string }).id;
    const deal = await made('/deals', { title: 'One', value: '10' });
    const project = await made('/projects', { name: 'Roof' });
    const named = {
      '/deals': 'deals',
      '/deals/pipeline': 'deals',
      [`/deals/${deal}`]: `deal:${deal}`,
      [`/projects/${project}`]: `project:${project}`,
      [`/projects/${project}/full`]: `project:${project}`,
      '/dashboard': 'dashboard',
      '/dashboard/overview': 'dashboard',
      [`/users/${person.id}/dashboard`]: 'dashboard',
      '/notifications': 'inbox',
      '/notifications/unread': 'inbox',
    };
    for (const [path, topic] of Object.entries(named)) {
      const link = (await browser.request(path)).headers.get('link');
      expect(link, path).toBe(`</feeds?topics=${topic}>; rel="monitor"`);
      const response = await browser.request(`/feeds?topics=${topic}`);
      expect(response.status, topic).toBe(200);
      await response.body?.cancel();
    }
  });

  test('the count of unread notifications is cached, and falls in the cache when a notification is read', async () => {
    const { browser, person } = await world.signedIn();
    await sql(
      world.database,
      `INSERT INTO notifications (tenant_id, id, user_id, kind, title, data, created_at, updated_at)
       VALUES ($1, 'notification_unread', $2, 'deal.won', 'Won', '{}', now(), now())`,
      [world.tenant.id, person.id],
    );
    const count = async () => {
      const response = await browser.request('/notifications/unread');
      return { ...((await response.json()) as { count: number }), cache: response.headers.get('x-cache') };
    };
    expect(await count()).toEqual({ count: 1, cache: 'MISS' });
    expect(await count()).toEqual({ count: 1, cache: 'HIT' });
    await browser.request('/notifications/notification_unread/read', { method: 'POST' });
    expect(await count()).toEqual({ count: 0, cache: 'HIT' });
  });
});
