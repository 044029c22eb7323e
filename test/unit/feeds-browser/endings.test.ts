/** One tab and its server: when a connection stops for good, its tokens, and errors of the application. */
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

describe('it stops for good', () => {
  test('after bye session', async () => {
    const { tab, request } = await connected();
    request.block('c1', 'bye', { why: 'session' });
    await tab.hasHeard('connecting', 'reset deals start', 'open', 'signed-out');
    await request.closed;
    expect([tab.clock.pending(), tab.isListening()]).toEqual([[], false]);
    expect(await server.count()).toBe(1);
  });

  test('after a 204', async () => {
    const { tab, request } = await connected();
    request.end();
    await expect.poll(() => tab.log.at(-1)).toBe('waiting');
    tab.clock.advance(1_000);
    (await server.next()).answer(204);
    await expect.poll(() => tab.log.at(-1)).toBe('signed-out');
    expect(tab.clock.pending()).toEqual([]);
  });

  test.each([400, 401, 403, 404])('after a %i', async (status) => {
    const tab = open();
    (await server.next()).answer(status);
    await tab.hasHeard('connecting', 'refused');
    expect(tab.clock.pending()).toEqual([]);
  });

  test('by close(): it reports nothing more', async () => {
    const { tab, request } = await connected();
    tab.close();
    await request.closed;
    tab.close();
    expect(tab.log.at(-1)).toBe('closed');
    expect([tab.clock.pending(), tab.isListening()]).toEqual([[], false]);
  });
});

describe('with bearer tokens', () => {
  test('each connection asks for a token, and a refused token is replaced once', async () => {
    let tokens = 0;
    const token = async () => {
      tokens += 1;
      return `token-${tokens}`;
    };
    const tab = open({ token });
    const first = await server.next();
    expect(first.headers.authorization).toBe('Bearer token-1');
    first.hello('c1');
    first.end();
    await expect.poll(() => tab.log.at(-1)).toBe('waiting');
    tab.clock.advance(1_000);
    (await server.next()).answer(401);
    await expect.poll(() => tab.clock.pending().length).toBe(2);
    tab.clock.advance(30_000);
    const third = await server.next();
    expect(third.headers.authorization).toBe('Bearer token-3');
    third.answer(401);
    await expect.poll(() => tab.log.at(-1)).toBe('refused');
  });

  test('tabs have connections of their own, unless they name a common one', async () => {
    const one = open({ token: () => 'one' });
    const other = open({ token: () => 'other' });
    const seen = [await server.next(), await server.next()];
    expect(seen.map(({ headers }) => headers.authorization).toSorted()).toEqual(['Bearer one', 'Bearer other']);
    one.close();
    other.close();
    const shareAs = 'one user';
    const leader = open({ token: () => 'common', shareAs });
    const request = await server.next();
    request.hello('c1');
    const follower = open({ token: () => 'common', shareAs });
    for (const tab of [leader, follower]) await tab.hasHeard('connecting', 'reset deals start', 'open');
    expect(await server.count()).toBe(3);
  });
});

test('the error of an application’s function does not end the feed', async () => {
  const thrown: unknown[] = [];
  const catchOnce = (error: unknown) => void thrown.push(error);
  process.once('uncaughtException', catchOnce);
  const seen: string[] = [];
  open({
    onEvent({ data }) {
      seen.push(data.type);
      if (data.type === 'one') throw new Error('of the application');
    },
  });
  const request = await server.next();
  request.hello('c1');
  request.block('c2', 'deals', { type: 'one' });
  request.block('c3', 'deals', { type: 'two' });
  await expect.poll(() => seen).toEqual(['one', 'two']);
  expect(thrown).toMatchObject([{ message: 'of the application' }]);
});
