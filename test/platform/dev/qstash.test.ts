/** The unmodified @upstash/qstash against the emulator, on a clock that only this suite moves. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, Receiver } from '@upstash/qstash';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readBody } from '../../../dev/http-server.ts';
import { testClock } from '../../../dev/qstash/clock.ts';
import { type Qstash, startQstash } from '../../../dev/qstash/server.ts';

interface Delivered {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}
type Answer = { status: number; headers?: Record<string, string>; body?: string };

const KEYS = { current: 'sig_current', next: 'sig_next' };
const TOKEN = 'qstash-token';
const MINUTE = 60_000;

let endpoint: Server;
let url: string;
let delivered: Delivered[];
let answers: Answer[];
let qstash: Qstash;
let client: Client;
let receiver: Receiver;

beforeAll(async () => {
  endpoint = createServer(async (request, response) => {
    const body = (await readBody(request)).toString();
    delivered.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
    const { status, headers, body: text } = answers.shift() ?? { status: 200 };
    response.writeHead(status, headers).end(text);
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
});
afterAll(
  () =>
    new Promise<void>((resolve) => {
      endpoint.close(() => resolve());
      endpoint.closeAllConnections();
    }),
);

beforeEach(async () => {
  delivered = [];
  answers = [];
  let id = 0;
  qstash = await startQstash({ token: TOKEN, keys: KEYS, clock: testClock(Date.now()), ids: () => `id${++id}` });
  client = new Client({ baseUrl: qstash.url, token: TOKEN, retry: false, enableTelemetry: false });
  receiver = new Receiver({ currentSigningKey: KEYS.current, nextSigningKey: KEYS.next });
  return () => qstash.close();
});

const last = (): Delivered => delivered.at(-1) ?? expect.fail('nothing was delivered');

function api(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(qstash.url + path, { headers: { authorization: `Bearer ${TOKEN}` }, ...init });
}

async function deadLetters(): Promise<{ messageId: string; responseStatus?: number; responseBody?: string }[]> {
  return (await client.dlq.listMessages()).messages;
}

describe('publishing', () => {
  test('a message arrives byte for byte, with its headers and those of QStash', async () => {
    const body = { text: 'grüße 👋', n: 1 };
    const { messageId } = await client.publishJSON({ url: `${url}/hook`, body, headers: { 'x-tenant': 'acme' } });
    await qstash.clock.settle();
    expect(delivered).toHaveLength(1);
    expect(last()).toMatchObject({
      method: 'POST',
      path: '/hook',
      body: JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Upstash-QStash',
        'x-tenant': 'acme',
        'upstash-message-id': messageId,
        'upstash-retried': '0',
      },
    });
  });

  test('the query string of the destination stays with it, as it was written', async () => {
    await client.publish({ url: `${url}/a//b?x=%2F&y=1&x=2`, body: 'b' });
    await qstash.clock.settle();
    expect(last().path).toBe('/a//b?x=%2F&y=1&x=2');
  });

  test('settings may come as query parameters, and do not reach the destination', async () => {
    const publish = `/v2/publish/${url}/hook?keep=1&upstash-delay=60s&qstash_token=${TOKEN}`;
    await fetch(qstash.url + publish, { method: 'POST', body: 'b' });
    await qstash.clock.advance(MINUTE - 1);
    expect(delivered).toEqual([]);
    await qstash.clock.advance(1);
    expect(last().path).toBe('/hook?keep=1');
  });

  test.each(['GET', 'PUT', 'PATCH', 'DELETE'] as const)('the method may be %s', async (method) => {
    await client.publish({ url, method, ...(method !== 'GET' && { body: 'b' }) });
    await qstash.clock.settle();
    expect(last().method).toBe(method);
    expect(last().body).toBe(method === 'GET' ? '' : 'b');
  });

  test('a delay and a point in time hold it back; the point in time wins', async () => {
    const inAMinute = Math.ceil(qstash.clock.now() / 1_000) + 60;
    await client.publish({ url: `${url}/delayed`, delay: '1m30s' as '90s' });
    await client.publish({ url: `${url}/at`, notBefore: inAMinute, delay: 5 });
    await qstash.clock.advance(59_000);
    expect(delivered).toEqual([]);
    await qstash.clock.advance(2_000);
    expect(delivered.map(({ path }) => path)).toEqual(['/at']);
    await qstash.clock.advance(30_000);
    expect(delivered.map(({ path }) => path)).toEqual(['/at', '/delayed']);
  });

  test('a batch answers item by item, also for a bad one', async () => {
    const results = await client.batch([{ url: `${url}/1` }, { url: 'ftp://x' }, { url: `${url}/2` }]);
    await qstash.clock.settle();
    expect(results).toEqual([
      { messageId: expect.any(String), url: `${url}/1` },
      { error: expect.stringContaining('ftp://x') },
      { messageId: expect.any(String), url: `${url}/2` },
    ]);
    expect(delivered.map(({ path }) => path).sort()).toEqual(['/1', '/2']);
  });

  test('a message can be looked up until it is delivered, and cancelled', async () => {
    const { messageId } = await client.publish({ url, body: 'b', delay: 60, retries: 5 });
    expect(await client.messages.get(messageId)).toMatchObject({ messageId, url, body: 'b', maxRetries: 5 });
    await client.messages.cancel(messageId);
    await qstash.clock.advance(MINUTE);
    expect(delivered).toEqual([]);
    await expect(client.messages.get(messageId)).rejects.toMatchObject({ status: 404 });
  });

  test.each([
    ['/v2/publish/nonsense', {}, 400],
    ['/v2/publish/http://', {}, 400],
    ['/v2/publish/http://h/', { 'upstash-delay': 'soon' }, 400],
    ['/v2/publish/http://h/', { 'upstash-method': 'TRACE' }, 400],
    ['/v2/publish/http://h/', { 'upstash-retries': '-1' }, 400],
    ['/v2/publish/http://h/', { 'upstash-retry-delay': 'process.exit()' }, 400],
    ['/v2/publish/http://h/', { 'upstash-callback': 'http://h/' }, 501],
    ['/v2/batch', {}, 400],
    ['/v2/nothing', {}, 404],
  ])('%s with %j is refused with %i', async (path, headers, status) => {
    const response = await api(path, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}`, ...headers } });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/./) });
  });

  test('without the token nothing is accepted', async () => {
    const stranger = new Client({ baseUrl: qstash.url, token: 'other', retry: false });
    await expect(stranger.publish({ url })).rejects.toMatchObject({ status: 401 });
    await qstash.clock.settle();
    expect(delivered).toEqual([]);
  });
});

describe('deduplication', () => {
  test('an id is remembered for ten minutes, answered with 202 and the first message', async () => {
    const publish = () =>
      api(`/v2/publish/${url}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'upstash-deduplication-id': 'job-1' },
      });
    const first = await publish();
    const { messageId } = (await first.json()) as { messageId: string };
    expect(first.status).toBe(201);
    await qstash.clock.advance(10 * MINUTE - 1);
    const again = await publish();
    expect(again.status).toBe(202);
    expect(await again.json()).toEqual({ messageId, url, deduplicated: true });
    await qstash.clock.advance(1);
    expect((await publish()).status).toBe(201);
    await qstash.clock.settle();
    expect(delivered).toHaveLength(2);
  });

  test('the content may stand for the id', async () => {
    const publish = (body: unknown) => client.publishJSON({ url, body, contentBasedDeduplication: true });
    const first = await publish({ n: 1 });
    expect(await publish({ n: 1 })).toMatchObject({ messageId: first.messageId, deduplicated: true });
    expect((await publish({ n: 2 })).messageId).not.toBe(first.messageId);
  });
});

describe('signatures', () => {
  const verify = (message: Delivered, to: string) =>
    receiver.verify({ signature: String(message.headers['upstash-signature']), body: message.body, url: to });

  test('are accepted by the SDK, bound to the URL and to the body', async () => {
    await client.publishJSON({ url: `${url}/hook`, body: { n: 1 } });
    await qstash.clock.settle();
    expect(await verify(last(), `${url}/hook`)).toBe(true);
    await expect(verify({ ...last(), body: '{"n":2}' }, `${url}/hook`)).rejects.toThrow(/body hash/);
    await expect(verify(last(), `${url}/other`)).rejects.toThrow(/subject/);
  });

  test('of an empty body verify too', async () => {
    await client.publish({ url });
    await qstash.clock.settle();
    expect(await verify(last(), url)).toBe(true);
  });

  test('have the claims of the documentation', async () => {
    await client.publish({ url, body: 'hello' });
    await qstash.clock.settle();
    const [header = '', payload = ''] = String(last().headers['upstash-signature']).split('.');
    const now = Math.floor(qstash.clock.now() / 1_000);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual({
      iss: 'Upstash',
      sub: url,
      iat: now,
      exp: now + 300,
      nbf: 0,
      jti: expect.stringMatching(/^jwt_/),
      body: 'LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
    });
  });

  test('follow a rotation of the keys, which the receiver survives', async () => {
    expect(await (await api('/v2/keys')).json()).toEqual(KEYS);
    await api('/v2/keys/rotate', { method: 'POST' });
    expect(await (await api('/v2/keys')).json()).toMatchObject({ current: KEYS.next });
    await client.publish({ url, body: 'b' });
    await qstash.clock.settle();
    expect(await verify(last(), url)).toBe(true);
  });
});

describe('retries', () => {
  const attempts = () => delivered.map(({ headers }) => headers['upstash-retried']);

  test('come after 12 s, 148 s and 30m8s, then the message is dead', async () => {
    answers = [{ status: 500 }, { status: 503 }, { status: 404 }, { status: 500, body: 'still broken' }];
    const { messageId } = await client.publish({ url, body: 'b' });
    await qstash.clock.settle();
    for (const [seconds, before] of [
      [12, 1],
      [148, 2],
      [1_808, 3],
    ] as const) {
      await qstash.clock.advance(seconds * 1_000 - 1);
      expect(attempts()).toHaveLength(before);
      await qstash.clock.advance(1);
      expect(attempts()).toHaveLength(before + 1);
    }
    expect(attempts()).toEqual(['0', '1', '2', '3']);
    expect(new Set(delivered.map(({ headers }) => headers['upstash-message-id']))).toEqual(new Set([messageId]));
    expect(await deadLetters()).toMatchObject([{ messageId, responseStatus: 500, responseBody: 'still broken' }]);
    await qstash.clock.advance(100 * 60 * MINUTE);
    expect(attempts()).toHaveLength(4);
  });

  test('end with the first success', async () => {
    answers = [{ status: 500 }, { status: 204 }];
    await client.publish({ url });
    await qstash.clock.advance(100 * 60 * MINUTE);
    expect(attempts()).toEqual(['0', '1']);
    expect(await deadLetters()).toEqual([]);
  });

  test('can be switched off', async () => {
    answers = [{ status: 500 }];
    await client.publish({ url, retries: 0 });
    await qstash.clock.advance(100 * 60 * MINUTE);
    expect(attempts()).toEqual(['0']);
    expect(await deadLetters()).toHaveLength(1);
  });

  test('do not follow a 489 that says so', async () => {
    answers = [{ status: 489, headers: { 'upstash-nonretryable-error': 'true' } }, { status: 489 }];
    await client.publish({ url });
    await qstash.clock.settle();
    expect(await deadLetters()).toMatchObject([{ responseStatus: 489 }]);
    await client.publish({ url });
    await qstash.clock.advance(12_000);
    expect(attempts()).toEqual(['0', '0', '1']);
  });

  test.each([
    ['seconds', { 'retry-after': '30' }],
    ['a date', { 'retry-after': new Date(Date.now() + 30_000).toUTCString() }],
    ['a Go duration', { 'x-ratelimit-reset-requests': '29s900ms100000us' }],
  ])('come when the destination says: %s', async (_form, headers) => {
    answers = [{ status: 429, headers }];
    await client.publish({ url });
    await qstash.clock.settle();
    await qstash.clock.advance(28_000);
    expect(attempts()).toEqual(['0']);
    await qstash.clock.advance(2_000);
    expect(attempts()).toEqual(['0', '1']);
  });

  test('are not put off for more than a day by the destination', async () => {
    answers = [{ status: 429, headers: { 'retry-after': '86401' } }];
    await client.publish({ url });
    await qstash.clock.advance(12_000);
    expect(attempts()).toEqual(['0', '1']);
  });

  test('follow an expression, which starts at retried = 0', async () => {
    answers = [{ status: 500 }, { status: 500 }];
    await client.publish({ url, retryDelay: 'min(10000, pow(2, retried) * (1000 + 500)) - 0.5 * 2' });
    await qstash.clock.advance(1_499);
    expect(attempts()).toEqual(['0', '1']);
    await qstash.clock.advance(2_998);
    expect(attempts()).toEqual(['0', '1']);
    await qstash.clock.advance(1);
    expect(attempts()).toEqual(['0', '1', '2']);
  });

  test('also follow a destination that cannot be reached', async () => {
    await client.publish({ url: 'http://127.0.0.1:1/', retries: 1 });
    await qstash.clock.advance(12_000);
    expect(await deadLetters()).toMatchObject([{ responseStatus: 0 }]);
  });
});

test('over HTTP the clock is moved by POST /dev/advance, which answers when the deliveries are done', async () => {
  await client.publish({ url, delay: 60 });
  const response = await api(`/dev/advance?ms=${MINUTE}`, { method: 'POST' });
  expect(await response.json()).toEqual({ now: qstash.clock.now() });
  expect(delivered).toHaveLength(1);
});
