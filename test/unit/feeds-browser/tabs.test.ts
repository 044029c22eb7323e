/** The tabs of one browser: they share a connection, and no change of the leader loses an event. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startFeedServer } from './feed-server.ts';
import { openTab } from './tabs.ts';

let server: Awaited<ReturnType<typeof startFeedServer>>;
const opened: { close(): void }[] = [];
beforeEach(async () => {
  server = await startFeedServer();
});
afterEach(async () => {
  for (const tab of opened.splice(0)) tab.close();
  await server.close();
});

function open(topics: string[] = ['deals'], options: Partial<Parameters<typeof openTab>[0]> = {}) {
  const tab = openTab({ url: server.url, topics, ...options });
  opened.push(tab);
  return tab;
}

/** Two tabs with the topic deals; the stream is at cursor c1. */
async function twoTabs() {
  const leader = open();
  const request = await server.next();
  request.hello('c1');
  await leader.hasHeard('connecting', 'reset deals start', 'open');
  const follower = open();
  await follower.hasHeard('connecting', 'reset deals start', 'open');
  return { leader, follower, request };
}

test('two tabs share one connection, and each hears of its own topics', async () => {
  const { leader, follower, request } = await twoTabs();
  request.block('c2', 'deals', { type: 'one' });
  for (const tab of [leader, follower]) await tab.hasHeard('connecting', 'reset deals start', 'open', 'deals one');
  expect(await server.count()).toBe(1);
});

test('a tab with a further topic makes the leader ask for both, from the position reached', async () => {
  const { leader, request } = await twoTabs();
  request.block('c2', 'deals', { type: 'one' });
  await expect.poll(() => leader.log.at(-1)).toBe('deals one');
  const other = open(['inbox']);
  await request.closed;
  const both = await server.next();
  expect(both).toMatchObject({ topics: ['deals', 'inbox'], after: 'c2' });
  both.hello('c2+i1');
  both.block('c2+i2', 'inbox', { type: 'two' });
  both.block('c3+i2', 'deals', { type: 'three' });
  await other.hasHeard('connecting', 'reset inbox start', 'open', 'inbox two');
  await leader.hasHeard('connecting', 'reset deals start', 'open', 'deals one', 'deals three');
});

test('setTopics adds topics with a new connection, and drops topics with the next one', async () => {
  const { leader, follower, request } = await twoTabs();
  follower.setTopics(['inbox', 'deals']);
  const both = await server.next();
  expect(both).toMatchObject({ topics: ['deals', 'inbox'], after: 'c1' });
  both.hello('c1+i1');
  await follower.hasHeard('connecting', 'reset deals start', 'open', 'connecting', 'reset inbox start', 'open');
  follower.setTopics(['inbox']);
  both.block('c2+i1', 'deals', { type: 'one' });
  both.block('c2+i2', 'inbox', { type: 'two' });
  await expect.poll(() => follower.log.slice(-1)).toEqual(['inbox two']);
  expect(leader.log.at(-1)).toBe('deals one');
  leader.close();
  const rest = await server.next();
  expect(rest).toMatchObject({ topics: ['inbox'], after: 'c2+i2' });
  await request.closed;
});

test('a tab may have no topics for a time: nothing is asked for it', async () => {
  const tab = open([]);
  expect(await server.count()).toBe(0);
  tab.setTopics(['deals']);
  const request = await server.next();
  request.hello('c1');
  const other = open([]);
  other.setTopics(['inbox']);
  expect((await server.next()).topics).toEqual(['deals', 'inbox']);
  other.setTopics([]);
  await server.count();
  tab.networkChanges();
  expect((await server.next()).topics).toEqual(['deals']);
});

test('the tab that follows a closed leader continues from the leader’s last position', async () => {
  const { leader, follower, request } = await twoTabs();
  request.block('c2', 'deals', { type: 'one' });
  request.block('c3');
  await expect.poll(() => follower.log.at(-1)).toBe('deals one');
  leader.close();
  const next = await server.next();
  expect(next.after).toBe('c3');
  next.hello('c3', { resumed: true });
  next.block('c4', 'deals', { type: 'two' });
  await follower.hasHeard('connecting', 'reset deals start', 'open', 'deals one', 'deals two');
  expect(leader.log.at(-1)).toBe('closed');
});

test('a tab that opened after an event continues after this event when it becomes the leader', async () => {
  const leader = open();
  const request = await server.next();
  request.hello('c1');
  request.block('c2', 'deals', { type: 'one' });
  await expect.poll(() => leader.log.at(-1)).toBe('deals one');
  const later = open();
  await later.hasHeard('connecting', 'reset deals start', 'open');
  leader.close();
  expect((await server.next()).after).toBe('c2');
});

test('a tab that opens while the connection is lost makes the leader try again, and is not open before', async () => {
  const { leader, request } = await twoTabs();
  request.cut();
  await expect.poll(() => leader.log.at(-1)).toBe('waiting');
  const later = open();
  const next = await server.next();
  expect(later.log).toEqual(['connecting']);
  next.hello('c1');
  await later.hasHeard('connecting', 'reset deals start', 'open');
});

test('an event that arrives again after a change of the leader is reported once', async () => {
  const { leader, follower, request } = await twoTabs();
  request.block('c2', 'deals', { type: 'one' });
  await expect.poll(() => follower.log.at(-1)).toBe('deals one');
  leader.close();
  const next = await server.next();
  next.hello('c1');
  next.block('c2', 'deals', { type: 'one' });
  next.block('c3', 'deals', { type: 'two' });
  await follower.hasHeard('connecting', 'reset deals start', 'open', 'deals one', 'deals two');
});

test('each tab knows who is present, also one that opens later', async () => {
  const leader = open();
  const request = await server.next();
  request.hello('c1', { present: { deals: ['ada'] } });
  request.block('c2', 'deals', { type: 'presence.joined', userId: 'bob' });
  request.block('c3', 'deals', { type: 'presence.leaving', userId: 'bob' });
  await leader.hasHeard(
    'connecting',
    'deals has ada',
    'reset deals start',
    'open',
    'deals has ada,bob',
    'deals has ada,bob',
  );
  const later = open();
  await later.hasHeard('connecting', 'deals has ada,bob', 'reset deals start', 'open');
  request.block('c4', 'deals', { type: 'presence.left', userId: 'ada' });
  for (const tab of [leader, later]) await expect.poll(() => tab.log.at(-1)).toBe('deals has bob');
});

test('a reset is reported in every tab with that topic', async () => {
  const { leader, follower, request } = await twoTabs();
  request.block('c9', 'reset', { topic: 'deals', why: 'trimmed' });
  for (const tab of [leader, follower]) {
    await tab.hasHeard('connecting', 'reset deals start', 'open', 'reset deals trimmed');
  }
});

describe('all tabs stop', () => {
  test('when one signs out', async () => {
    const { leader, follower, request } = await twoTabs();
    follower.signedOut();
    for (const tab of [leader, follower]) await tab.hasHeard('connecting', 'reset deals start', 'open', 'signed-out');
    await request.closed;
    expect(await server.count()).toBe(1);
  });

  test('when the server ends the session', async () => {
    const { leader, follower, request } = await twoTabs();
    request.block('c1', 'bye', { why: 'session' });
    for (const tab of [leader, follower]) await tab.hasHeard('connecting', 'reset deals start', 'open', 'signed-out');
    await request.closed;
    expect(await server.count()).toBe(1);
  });
});

test('a refused topic closes the tab that wants it, and the others go on', async () => {
  const { leader, follower } = await twoTabs();
  const wrong = open(['deal:gone']);
  (await server.next()).answer(404);
  await wrong.hasHeard('connecting', 'refused');
  await expect.poll(() => leader.log.at(-1)).toBe('waiting');
  leader.clock.advance(30_000);
  const next = await server.next();
  expect(next).toMatchObject({ topics: ['deals'], after: 'c1' });
  next.hello('c1');
  for (const tab of [leader, follower]) {
    await tab.hasHeard('connecting', 'reset deals start', 'open', 'waiting', 'open');
  }
});

test('a leader that sleeps is replaced by a tab that the user sees, and not by a hidden one', async () => {
  const { leader, follower, request } = await twoTabs();
  follower.hide();
  follower.clock.advance(60_000);
  expect(await server.count()).toBe(1);
  follower.show();
  follower.clock.advance(60_000);
  const next = await server.next();
  expect(next.after).toBe('c1');
  await request.closed;
  next.hello('c1');
  next.block('c2', 'deals', { type: 'one' });
  for (const tab of [leader, follower]) await tab.hasHeard('connecting', 'reset deals start', 'open', 'deals one');
  // The old leader takes the place again when the new leader closes.
  follower.close();
  expect((await server.next()).after).toBe('c2');
});

test('a new tab that replaces a sleeping leader without its position shows the other tabs that events may be lost', async () => {
  const { leader, follower } = await twoTabs();
  follower.hide();
  // The leader sleeps, so the new tab hears nothing from it.
  const openChannel = (name: string) => {
    const channel = new BroadcastChannel(name);
    const postMessage = (message: unknown) => void (isAlone || channel.postMessage(message));
    return { postMessage, close: () => channel.close(), onmessage: null };
  };
  let isAlone = true;
  const fresh = open(['deals'], { parts: { openChannel } });
  await expect.poll(async () => (await navigator.locks.query()).pending?.length).toBe(2);
  isAlone = false;
  fresh.clock.advance(60_000);
  const next = await server.next();
  expect(next.after).toBeNull();
  next.hello('c7');
  await fresh.hasHeard('connecting', 'reset deals start', 'open');
  for (const tab of [leader, follower]) {
    await tab.hasHeard('connecting', 'reset deals start', 'open', 'reset deals lost');
  }
});

test('a pause of the leader is no reason to replace it, and ends when the user sees any tab', async () => {
  const { leader, follower, request } = await twoTabs();
  request.block('c1', 'bye', { why: 'limit', retryMs: 600_000 });
  request.end();
  await expect.poll(() => follower.log.at(-1)).toBe('waiting');
  follower.clock.advance(599_000);
  expect(await server.count()).toBe(1);
  follower.show();
  expect((await server.next()).after).toBe('c1');
  expect(leader.log.at(-1)).toBe('waiting');
});

test.each([
  ['locks', { locks: undefined }],
  ['channels', { openChannel: undefined }],
  ['access to locks', { locks: { request: () => Promise.reject(new Error('SecurityError')), query: () => fail() } }],
])('without %s, each tab has a connection of its own', async (_name, parts) => {
  const tabs = [open(['deals'], { parts }), open(['inbox'], { parts })];
  const requests = [await server.next(), await server.next()];
  expect(requests.map(({ topics }) => topics.join()).toSorted()).toEqual(['deals', 'inbox']);
  for (const request of requests) request.hello('c1');
  for (const tab of tabs) await expect.poll(() => tab.log.at(-1)).toBe('open');
});

function fail(): never {
  throw new Error('SecurityError');
}
