/**
 * The guarantees of `GET /feeds` in the deployed Worker: the faults of Redis and of readers, provoked from outside. The
 * same faults in Node are in test/platform/feeds.
 */
import { get, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { dealsFeed } from '../../src/crm/feeds.ts';
import { publishNow } from '../../src/platform/feeds/index.ts';
import { streamKey } from '../../src/platform/feeds/lua.ts';
import { createNodeFetch } from '../../src/platform/keep-alive-fetch.ts';
import { createBreaker, createRedisMeter, createTransport, RedisClient } from '../../src/platform/redis/index.ts';
import { realSystem } from '../../src/platform/system.ts';
import { addPerson, createBrowser } from '../support/people.ts';
import { LOSSES, PLACEMENTS, STEPS, type Step } from '../support/placements.ts';
import { startRest, TOKEN } from '../support/rest.ts';
import { readFrames } from '../support/sse.ts';
import { type SteppedRest, startSteppedRest } from '../support/stepped-rest.ts';
import { createTenant, type OwnTenant } from '../support/tenant.ts';
import { startTestWorker, type TestWorker } from '../support/worker.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
let stepped: SteppedRest;
/** A Worker that checks its connections soon, and one whose checks do not come during a test. */
let worker: TestWorker;
let calm: TestWorker;
let own: RedisClient;
let tenant: OwnTenant;
let stream: string;
beforeAll(async () => {
  redis = await startRest();
  stepped = await startSteppedRest(redis.rest.url);
  const cloud = { ...inject('cloud'), redisRest: { url: stepped.url, token: TOKEN } };
  const variables = { FEEDS_HEARTBEAT_MS: '200', FEEDS_CONNECTIONS: '1000', APP_URL: 'http://app.test' };
  worker = await startTestWorker(cloud, { ...variables, FEEDS_CHECK_MS: '200' });
  calm = await startTestWorker(cloud, { ...variables, FEEDS_CHECK_MS: '3600000' });
  const { now } = realSystem;
  own = new RedisClient(
    createTransport({
      ...{ url: redis.rest.url, token: TOKEN, meter: createRedisMeter(), breaker: createBreaker({ now }), now },
      fetch: createNodeFetch(),
      timeout: 30_000,
    }),
  );
  tenant = await createTenant(inject('cloud').postgres.url);
  stream = streamKey(tenant.id, dealsFeed.source, undefined);
});
afterEach(async () => {
  redis.rest.intercept = undefined;
  redis.rest.interceptMessage = undefined;
  stepped.at = undefined;
  await own.del(stream);
});
afterAll(async () => {
  await Promise.all([worker.close(), calm.close()]);
  await stepped.close();
  await redis.close();
});

const eventOf = (n: number) => ({ type: 'deal.moved', id: `deal_${n}`, actorId: null, at: n });
const publish = (n: number) => publishNow({ redis: own, system: realSystem, tenant: tenant.id }, dealsFeed, eventOf(n));
const reset = (why: string) => `reset ${why}`;

/** Connects to a Worker over a socket of its own. Events are texts: `hello`, the number of a deal, `reset <why>`. */
async function connect(to: TestWorker, cursor?: string, headers: Record<string, string> = {}) {
  const left = new AbortController();
  const response = await fetch(new URL('/feeds?topics=deals', await to.url()), {
    headers: {
      authorization: `Bearer ${tenant.keys.all}`,
      ...(cursor !== undefined && { 'last-event-id': cursor }),
      ...headers,
    },
    signal: left.signal,
  });
  expect(response.status).toBe(200);
  return readerOf(response, () => left.abort());
}

/**
 * Connects, and reads nothing until `read` is called. With `fetch`, the kernel of a busy machine may give the socket 32
 * MB for the data that the client has not read; a socket that was never read keeps a small buffer.
 */
async function connectWithoutReading(to: TestWorker) {
  const url = new URL('/feeds?topics=deals', await to.url());
  const headers = { authorization: `Bearer ${tenant.keys.all}` };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).on('error', reject);
  });
  expect(answer.statusCode).toBe(200);
  return {
    read: () => readerOf(new Response(Readable.toWeb(answer) as ReadableStream), () => answer.destroy()),
  };
}

function readerOf(response: Response, leave: () => void) {
  const frames = readFrames(response);
  const reader = {
    cursor: '',
    async next(): Promise<string | null> {
      const event = await frames.event();
      if (!event) return null;
      reader.cursor = event.id ?? reader.cursor;
      const { why, at } = event.data as { why?: string; at?: number };
      return event.event === 'deals' ? String(at) : why === undefined ? event.event : `${event.event} ${why}`;
    },
    /** Returns the events behind `hello` up to and including the first that begins with this text; `null` at the end. */
    async until(last: string): Promise<(string | null)[]> {
      const taken: (string | null)[] = [];
      for (let event = await reader.next(); ; event = await reader.next()) {
        if (event !== 'hello') taken.push(event);
        if (event === null || event.startsWith(last)) return taken;
      }
    },
    leave,
  };
  return reader;
}

/** Returns the cursor behind the events so far. */
async function cursorNow(): Promise<string> {
  const reader = await connect(calm);
  expect(await reader.next()).toBe('hello');
  reader.leave();
  return reader.cursor;
}

describe.each(LOSSES)('%s', (_what, arrives) => {
  test.each(PLACEMENTS)('events published at %s, %s and %s arrive once and in order', async (...placement) => {
    await publish(0);
    const cursor = await cursorNow();
    redis.rest.interceptMessage = (_channel, message) => arrives(Number(/"at":(\d+)/.exec(message)?.[1]));
    let done: Step[] = [];
    const at = async (step: Step) => {
      // A request of an earlier test's connection is no step of this connection.
      const isInOrder = STEPS.slice(0, STEPS.indexOf(step)).every((earlier) => done.includes(earlier));
      if (done.includes(step) || !isInOrder) return;
      done = [...done, step];
      for (const [index, each] of placement.entries()) if (each === step) await publish(index + 1);
    };
    stepped.at = at;
    // The lost message of the last event is found by the next check.
    const reader = await connect(arrives(3) ? calm : worker, cursor);
    expect(await reader.next()).toBe('hello');
    await at('live');
    expect(await reader.until('3')).toEqual(['1', '2', '3']);
    reader.leave();
  });
});

/** The replica that takes over has not received the last entry, whose id it gives to another event. */
async function failOver(): Promise<void> {
  const [last] = (await own.exec(['XREVRANGE', stream, '+', '-', 'COUNT', '1'])) as [[string]];
  const [first] = (await own.exec(['XRANGE', stream, '-', '+', 'COUNT', '1'])) as [[string, string[]]];
  await own.del(stream);
  await own.exec(['XADD', stream, first[0], ...first[1]]);
  await own.exec(['XADD', stream, last[0], 'n', 'another', 'd', JSON.stringify(eventOf(7))]);
}

/** Publishes many events at once, each with this number of bytes and its wrapping. The stream keeps the last ones. */
async function publishMany(count: number, { bytes, kept }: { bytes: number; kept: number }): Promise<void> {
  const [[last, [, nonce = '']]] = (await own.exec(['XREVRANGE', stream, '+', '-', 'COUNT', '1'])) as [
    [string, string[]],
  ];
  const [epoch, second] = last.split('-').map(Number) as [number, number];
  const pad = 'x'.repeat(bytes);
  const commands = own.pipeline();
  for (let n = 1; n <= count; n += 1) {
    const id = `${epoch}-${second + n}`;
    const data = JSON.stringify({ at: n, pad });
    commands.xadd(stream, id, { n: 'many', d: data }, { trim: { type: 'MAXLEN', threshold: kept, comparison: '~' } });
    commands.publish(stream, `${id} many ${n === 1 ? nonce : 'many'} ${data}`);
  }
  await commands.exec();
}

test.each([
  ['whose entry was trimmed', 'trimmed', () => publish(3).then(() => own.exec(['XTRIM', stream, 'MAXLEN', '1']))],
  ['of a stream that was deleted', 'lost', () => own.del(stream)],
  ['of a Redis that was emptied and filled again', 'lost', () => own.del(stream).then(() => publish(3))],
  ['that more than 500 events follow', 'behind', () => publishMany(600, { bytes: 200, kept: 1_000 })],
  ['whose id another event got in a failover', 'lost', failOver],
])('a cursor %s leads to the reset %s', async (_what, why, happens) => {
  await publish(1);
  await publish(2);
  const cursor = await cursorNow();
  await happens();
  const reader = await connect(calm, cursor);
  expect(await reader.next()).toBe('hello');
  await publish(99_999);
  expect(await reader.until('99999')).toEqual([reset(why), '99999']);
  reader.leave();
});

test('a failover that gives the id of a received event to another one resets a connection that is open', async () => {
  await publish(1);
  await publish(2);
  const reader = await connect(calm);
  expect(await reader.next()).toBe('hello');
  await failOver();
  await publish(3);
  expect(await reader.next()).toBe(reset('lost'));
  await publish(4);
  expect((await reader.until('4')).at(-1)).toBe('4');
  reader.leave();
});

test('a subscription that Redis ends is opened again, and events published meanwhile arrive', async () => {
  const reader = await connect(calm);
  expect(await reader.next()).toBe('hello');
  const { made } = stepped.subscriptions;
  redis.rest.endSubscriptions();
  await publish(1);
  expect(await reader.next()).toBe('1');
  expect(stepped.subscriptions.made).toBe(made + 1);
  await publish(2);
  expect(await reader.next()).toBe('2');
  reader.leave();
});

test('a reader that does not read gets a reset after 16 MB of events, and the events that follow', async () => {
  await publish(0);
  const waiting = await connectWithoutReading(calm);
  const before = await calm.liveHeap();
  // The sockets between the Worker and the reader hold far less.
  for (let sent = 0; sent < 10; sent += 1) await publishMany(200, { bytes: 8_000, kept: 100 });
  expect((await calm.liveHeap()) - before).toBeLessThan(2_000_000);
  const reader = waiting.read();
  const events = await reader.until('reset');
  expect(events.at(-1)).toBe(reset('trimmed'));
  expect(events.length).toBeLessThan(2_000);
  await publish(99_999);
  expect((await reader.until('99999')).at(-1)).toBe('99999');
  reader.leave();
});

test('a browser that leaves, or cancels the body, ends the subscription to Redis', async () => {
  await expect.poll(() => stepped.subscriptions.open).toBe(0);
  const reader = await connect(calm);
  expect(await reader.next()).toBe('hello');
  expect(stepped.subscriptions.open).toBe(1);
  reader.leave();
  await expect.poll(() => stepped.subscriptions.open).toBe(0);
  const response = await fetch(new URL('/feeds?topics=deals', await calm.url()), {
    headers: { authorization: `Bearer ${tenant.keys.all}` },
  });
  await expect.poll(() => stepped.subscriptions.open).toBe(1);
  await response.body?.cancel();
  await expect.poll(() => stepped.subscriptions.open).toBe(0);
});

test.each([
  ['at once', () => calm, () => true],
  ['at the next check, if its message is lost', () => worker, () => false],
])('the end of a session ends its connection %s, and no later event arrives', async (_when, host, arrives) => {
  const person = await addPerson(inject('cloud').postgres.url, tenant.id);
  const browser = createBrowser((path, init) => host().fetch(path, init));
  const { email, password } = person;
  const signedIn = await browser.request('/auth/sign-in', { json: { email, password } });
  expect(signedIn.status).toBe(200);
  const reader = await connect(host(), undefined, { cookie: browser.cookieHeader(), authorization: '' });
  expect(await reader.next()).toBe('hello');
  redis.rest.interceptMessage = arrives;
  await browser.request('/auth/sign-out', { method: 'POST', json: {} });
  expect(await reader.until('bye session')).not.toContain('1');
  expect(await reader.next()).toBeNull();
});

describe.each([
  [
    'a full Redis',
    (commands: number) => ({ status: 200, body: Array(commands).fill({ error: 'OOM command not allowed' }) }),
  ],
  ['a Redis that does not answer', () => ({ status: 503, body: { error: 'down' } })],
])('on %s', (_what, verdict) => {
  test('an open connection gets bye unavailable, and its cursor resumes afterwards without a loss', async () => {
    await publish(1);
    const reader = await connect(worker);
    expect(await reader.next()).toBe('hello');
    // The key of a caller's connections is in each check.
    redis.rest.intercept = ({ commands }) =>
      commands.some((command) => String(command).includes(':pr:')) ? verdict(commands.length) : 'pass';
    expect((await reader.until('bye unavailable')).at(-1)).toBe('bye unavailable');
    expect(await reader.next()).toBeNull();
    await publish(2);
    const refused = await connect(worker, reader.cursor);
    expect(await refused.next()).toBe('bye unavailable');
    redis.rest.intercept = undefined;
    const again = await connect(worker, reader.cursor);
    expect(await again.next()).toBe('hello');
    expect(await again.next()).toBe('2');
    again.leave();
  });
});
