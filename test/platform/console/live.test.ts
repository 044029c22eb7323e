/** The feeds on which pages of the console refresh: the callers who may listen, the changes that wake them, the costs. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { streamKey, wakeKey } from '../../../src/platform/feeds/lua.ts';
import { wakeOperators } from '../../../src/platform/observe/index.ts';
import { readFrames } from '../../support/sse.ts';
import { type Desk, type DeskBrowser, openDesk, plain } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
beforeEach(() => desk.clear());
afterAll(() => desk.close());

/** Listens to a topic. `next` returns the number of the next event in its topic, and its type. */
async function listen(browser: DeskBrowser, topic: string) {
  const answer = await browser.request(`/feeds?topics=${topic}`);
  expect(answer.status).toBe(200);
  const frames = readFrames(answer);
  expect(await frames.event()).toMatchObject({ event: 'hello' });
  return {
    next: async () => ((await frames.event()) as { data: { type: string } } | null)?.data.type,
    leave: () => frames.close(),
  };
}

/** Lets the topic be woken again, as the end of 5 seconds does. */
async function after5s(topic: string): Promise<void> {
  const scope = desk.world.app.test.platform.scope();
  await scope.redis.del(wakeKey(desk.world.tenant.id, topic));
  await scope.end();
}

/** The events in the stream of a topic. */
async function eventsOf(topic: string): Promise<number> {
  const scope = desk.world.app.test.platform.scope();
  const length = await scope.redis.xlen(streamKey(desk.world.tenant.id, topic, undefined));
  await scope.end();
  return length;
}

test('a change of a job wakes the listeners of the tenant, at most once in 5 s', async () => {
  const { browser } = await desk.signedIn({ role: 'auditor' });
  const listener = await listen(browser, 'jobs');
  await after5s('jobs');
  const before = await eventsOf('jobs');
  for (const n of [1, 2, 3]) await desk.enqueue(plain, n);
  expect(await listener.next()).toBe('jobs.changed');
  await after5s('jobs');
  await desk.world.settle();
  expect(await listener.next()).toBe('jobs.changed');
  expect((await eventsOf('jobs')) - before).toBe(2);
  await listener.leave();
});

test('a flush with answers wakes the operators in 1 command; answers of the console and of feeds wake no operator', async () => {
  desk.operates(true);
  const { browser } = await desk.signedIn();
  const listener = await listen(browser, 'service');
  await after5s('service');
  const scope = desk.world.app.test.platform.scope();
  const { redis, redisMeter } = scope;
  const tenant = desk.world.tenant.id;
  const wake = async (fields: string[]) => {
    const before = redisMeter.commands;
    await wakeOperators({ redis, counters: { pending: () => new Map(fields.map((field) => [field, 1])) } }, tenant);
    return redisMeter.commands - before;
  };
  const own = ['http.requests|GET /feeds|2xx', 'http.time|GET /deals|4', 'redis.requests'];
  expect(await wake(own)).toBe(0);
  const others = [...own, 'http.requests|GET /deals|2xx'];
  expect(await wake(others)).toBe(1);
  expect(await listener.next()).toBe('service.changed');
  await listener.leave();
  await scope.end();
});

test('the topics need the right console:view', async () => {
  for (const [role, status] of [
    ['auditor', 200],
    ['member', 403],
  ] as const) {
    const { browser } = await desk.signedIn({ role });
    for (const topic of ['jobs', 'service']) {
      const answer = await browser.request(`/feeds?topics=${topic}`);
      expect([role, topic, answer.status]).toEqual([role, topic, status]);
      await answer.body?.cancel();
    }
  }
});
