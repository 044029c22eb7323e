/** One tab and its server: where a connection begins, and how it goes on after every kind of end. */
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

function open(options: Partial<Parameters<typeof openTab>[0]> = {}) {
  const tab = openTab({ url: server.url, topics: ['deals'], ...options });
  opened.push(tab);
  return tab;
}

/** A tab whose stream is at cursor c1. */
async function connected(options: Parameters<typeof open>[0] = {}) {
  const tab = open(options);
  const request = await server.next();
  request.hello('c1');
  await tab.hasHeard('connecting', 'reset deals start', 'open');
  return { tab, request };
}

test('asks for its topics, and reports the start, events and resets', async () => {
  const tab = open({ topics: ['inbox', 'deals', 'deals', 'deal:deal_1'] });
  const request = await server.next();
  expect(request).toMatchObject({ topics: ['deal:deal_1', 'deals', 'inbox'], after: null });
  expect(request.headers.accept).toBe('text/event-stream');
  request.hello('c1');
  request.block('c2', 'deals', { type: 'deal.moved' });
  request.block('c3');
  request.block('c4', 'reset', { topic: 'inbox', why: 'trimmed' });
  request.block('c5', 'deal:deal_1', { type: 'deal.won' });
  const starts = ['inbox', 'deals', 'deal:deal_1'].map((topic) => `reset ${topic} start`);
  await tab.hasHeard(
    'connecting',
    ...starts,
    'open',
    'deals deal.moved',
    'reset inbox trimmed',
    'deal:deal_1 deal.won',
  );
});

describe('after an end, it connects again from its last position', () => {
  test('when the connection breaks: after the delay that the server chose', async () => {
    const { tab, request } = await connected();
    request.block('c2', 'deals', { type: 'one' });
    await expect.poll(() => tab.log.at(-1)).toBe('deals one');
    request.cut();
    await expect.poll(() => tab.log.at(-1)).toBe('waiting');
    expect(tab.clock.pending()[0]).toBe(1_000);
    tab.clock.advance(1_000);
    const again = await server.next();
    expect(again.after).toBe('c2');
    again.hello('c2', { resumed: true });
    again.block('c3', 'deals', { type: 'two' });
    await expect.poll(() => tab.log.slice(-3)).toEqual(['waiting', 'open', 'deals two']);
  });

  test('when only a heartbeat moved the position', async () => {
    const { tab, request } = await connected();
    request.block('c9');
    request.end();
    await expect.poll(() => tab.log.at(-1)).toBe('waiting');
    tab.clock.advance(1_000);
    expect((await server.next()).after).toBe('c9');
  });

  test('after bye age it does not show a loss', async () => {
    const { tab, request } = await connected();
    request.raw('retry: 5000\n');
    request.block('c1', 'bye', { why: 'age' });
    request.end();
    await expect.poll(() => tab.clock.pending()[0]).toBe(5_000);
    tab.clock.advance(5_000);
    const again = await server.next();
    again.hello('c1');
    again.block('c2', 'deals', { type: 'one' });
    await tab.hasHeard('connecting', 'reset deals start', 'open', 'deals one');
  });

  test.each(['limit', 'unavailable'])('after bye %s it waits as long as the server says', async (why) => {
    const tab = open();
    const request = await server.next();
    request.hello('c1');
    request.block('c1', 'bye', { why, retryMs: 60_000 });
    request.end();
    await expect.poll(() => tab.log.at(-1)).toBe('waiting');
    tab.clock.advance(59_999);
    expect(await server.count()).toBe(1);
    tab.clock.advance(1);
    expect((await server.next()).after).toBe('c1');
  });

  test('in poll mode the feed stays open between the answers', async () => {
    const tab = open();
    for (const [at, after] of [null, 'c1', 'c2'].entries()) {
      const request = await server.next();
      expect(request.after).toBe(after);
      request.hello(`c${at}`, { mode: 'poll' });
      request.block(`c${at + 1}`, 'deals', { type: `${at}` });
      request.end();
      await expect.poll(() => tab.clock.pending()[0]).toBe(1_000);
      tab.clock.advance(1_000);
    }
    await server.next();
    await tab.hasHeard('connecting', 'reset deals start', 'open', 'deals 0', 'deals 1', 'deals 2');
  });

  test('without an answer it waits longer each time, with jitter, up to half a minute', async () => {
    const tab = open({ parts: { random: () => 0.5 } });
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      (await server.next()).cut();
      // The other timer is the check for a silent connection.
      await expect.poll(() => tab.clock.pending().length).toBe(2);
      const [pause = 0] = tab.clock.pending();
      pauses.push(pause);
      tab.clock.advance(pause);
    }
    expect(pauses).toEqual([2_250, 4_500, 9_000, 18_000, 22_500, 22_500]);
  });

  test('after a server that asked for no delay, an attempt that fails waits all the same', async () => {
    const { tab, request } = await connected();
    request.raw('retry: 0\nevent: bye\ndata: {"why":"age","retryMs":0}\n\n');
    request.end();
    (await server.next()).cut();
    await expect.poll(() => tab.log.at(-1)).toBe('waiting');
    expect(tab.clock.pending()[0]).toBe(500);
  });

  test.each([503, 429, 500])('a %i is tried again, not before Retry-After', async (status) => {
    const tab = open();
    (await server.next()).answer(status, { 'retry-after': '20' });
    await expect.poll(() => tab.clock.pending()[0]).toBe(20_000);
    tab.clock.advance(20_000);
    await server.next();
    expect(tab.log).toEqual(['connecting', 'waiting']);
  });

  test('a silent connection counts as dead after two and a half heartbeats', async () => {
    const { tab, request } = await connected();
    tab.clock.advance(49_999);
    expect(await server.count()).toBe(1);
    tab.clock.advance(1);
    await request.closed;
    const again = await server.next();
    expect(again.after).toBe('c1');
    again.hello('c1');
    again.block('c2', 'deals', { type: 'one' });
    await tab.hasHeard('connecting', 'reset deals start', 'open', 'deals one');
  });

  test('anything that arrives shows that the connection lives', async () => {
    let pieces = 0;
    const counting: typeof fetch = async (...sent) => {
      const response = await fetch(...sent);
      const count = new TransformStream({
        transform(piece, controller) {
          pieces += 1;
          controller.enqueue(piece);
        },
      });
      return new Response(response.body?.pipeThrough(count), response);
    };
    const { tab, request } = await connected({ fetch: counting });
    const before = pieces;
    tab.clock.advance(40_000);
    request.raw(': still there\n');
    await expect.poll(() => pieces).toBe(before + 1);
    await server.count();
    tab.clock.advance(40_000);
    expect(await server.count()).toBe(1);
    tab.clock.advance(10_000);
    await server.next();
  });

  test('it connects at once when the network changes, or when the user sees the tab again', async () => {
    const { tab, request } = await connected();
    tab.networkChanges();
    await request.closed;
    const again = await server.next();
    again.cut();
    await expect.poll(() => tab.log.at(-1)).toBe('waiting');
    tab.hide();
    tab.show();
    const third = await server.next();
    expect([again.after, third.after]).toEqual(['c1', 'c1']);
  });
});
