/** Publishing one message and many: content, time of arrival, and refusals. */
import { Client } from '@upstash/qstash';
import { expect, test } from 'vitest';
import { MINUTE, TOKEN, useQstash } from '../../../support/qstash.ts';

let limits: number[];
let expire: () => void;
const bench = useQstash(() => {
  limits = [];
  const timer = (ms: number, run: () => void) => {
    limits.push(ms);
    expire = run;
    return () => {};
  };
  return { timer };
});

test('a message arrives byte for byte, with its headers and those of QStash', async () => {
  const body = { text: 'grüße 👋', n: 1 };
  const { messageId } = await bench.client.publishJSON({
    url: `${bench.url}/hook`,
    body,
    headers: { 'x-tenant': 'acme' },
  });
  await bench.qstash.clock.settle();
  expect(bench.delivered).toHaveLength(1);
  expect(bench.last()).toMatchObject({
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

test('the query string of the destination is kept unchanged', async () => {
  await bench.client.publish({ url: `${bench.url}/a//b?x=%2F&y=1&x=2`, body: 'b' });
  await bench.qstash.clock.settle();
  expect(bench.last().path).toBe('/a//b?x=%2F&y=1&x=2');
});

test('settings may be query parameters, which do not reach the destination', async () => {
  const publish = `/v2/publish/${bench.url}/hook?keep=1&upstash-delay=60s&qstash_token=${TOKEN}`;
  await fetch(bench.qstash.url + publish, { method: 'POST', body: 'b' });
  await bench.qstash.clock.advance(MINUTE - 1);
  expect(bench.delivered).toEqual([]);
  await bench.qstash.clock.advance(1);
  expect(bench.last().path).toBe('/hook?keep=1');
});

test.each(['GET', 'PUT', 'PATCH', 'DELETE'] as const)('the method may be %s', async (method) => {
  await bench.client.publish({ url: bench.url, method, ...(method !== 'GET' && { body: 'b' }) });
  await bench.qstash.clock.settle();
  expect(bench.last().method).toBe(method);
  expect(bench.last().body).toBe(method === 'GET' ? '' : 'b');
});

test('a delay or a point in time holds a message back; the point in time wins', async () => {
  const inAMinute = Math.ceil(bench.qstash.clock.now() / 1_000) + 60;
  await bench.client.publish({ url: `${bench.url}/delayed`, delay: '1m30s' as '90s' });
  await bench.client.publish({ url: `${bench.url}/at`, notBefore: inAMinute, delay: 5 });
  await bench.qstash.clock.advance(59_000);
  expect(bench.delivered).toEqual([]);
  await bench.qstash.clock.advance(2_000);
  expect(bench.delivered.map(({ path }) => path)).toEqual(['/at']);
  await bench.qstash.clock.advance(30_000);
  expect(bench.delivered.map(({ path }) => path)).toEqual(['/at', '/delayed']);
});

test('a batch answers item by item, even for an invalid one', async () => {
  const results = await bench.client.batch([{ url: `${bench.url}/1` }, { url: 'ftp://x' }, { url: `${bench.url}/2` }]);
  await bench.qstash.clock.settle();
  expect(results).toEqual([
    { messageId: expect.any(String), url: `${bench.url}/1` },
    { error: expect.stringContaining('ftp://x') },
    { messageId: expect.any(String), url: `${bench.url}/2` },
  ]);
  expect(bench.delivered.map(({ path }) => path).sort()).toEqual(['/1', '/2']);
});

test('a message can be looked up until it is delivered, and cancelled', async () => {
  const { messageId } = await bench.client.publish({ url: bench.url, body: 'b', delay: 60, retries: 5 });
  expect(await bench.client.messages.get(messageId)).toMatchObject({
    messageId,
    url: bench.url,
    body: 'b',
    maxRetries: 5,
  });
  await bench.client.messages.cancel(messageId);
  await bench.qstash.clock.advance(MINUTE);
  expect(bench.delivered).toEqual([]);
  await expect(bench.client.messages.get(messageId)).rejects.toMatchObject({ status: 404 });
});

test.each([
  ['/v2/publish/nonsense', {}, 400],
  ['/v2/publish/http://', {}, 400],
  ['/v2/publish/http://h/', { 'upstash-delay': 'soon' }, 400],
  ['/v2/publish/http://h/', { 'upstash-method': 'TRACE' }, 400],
  ['/v2/publish/http://h/', { 'upstash-retries': '-1' }, 400],
  ['/v2/publish/http://h/', { 'upstash-retry-delay': 'process.exit()' }, 400],
  ['/v2/publish/http://h/', { 'upstash-retry-delay': '('.repeat(2_000) }, 400],
  ['/v2/publish/http://h/', { 'upstash-callback': 'ftp://h/' }, 400],
  ['/v2/publish/http://h/', { 'upstash-callback': 'http://h/', 'upstash-callback-retries': 'x' }, 400],
  ['/v2/publish/http://h/', { 'upstash-callback': 'http://h/', 'upstash-callback-delay': '1s' }, 400],
  ['/v2/publish/http://h/', { 'upstash-flow-control-key': 'k' }, 400],
  ['/v2/publish/http://h/', { 'upstash-flow-control-value': 'rate=1' }, 400],
  ['/v2/publish/http://h/', { 'upstash-flow-control-key': 'k', 'upstash-flow-control-value': 'rate=0' }, 400],
  ['/v2/publish/http://h/', { 'upstash-flow-control-key': 'k', 'upstash-flow-control-value': 'rate=1,period=8d' }, 400],
  ['/v2/publish/http://h/', { 'upstash-redact-fields': 'everything' }, 400],
  ['/v2/publish/http://h/?upstash-delay=%', {}, 400],
  ['/v2/publish/no-such-group', {}, 400],
  ['/v2/enqueue/a%20b/http://h/', {}, 400],
  ['/v2/batch', {}, 400],
  ['/v2/nothing', {}, 404],
])('%s with %j is refused with %i', async (path, headers, status) => {
  const response = await bench.api(path, { method: 'POST', headers });
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ error: expect.stringMatching(/./) });
});

test('without the token all requests are refused', async () => {
  const stranger = new Client({ baseUrl: bench.qstash.url, token: 'other', retry: false });
  await expect(stranger.publish({ url: bench.url })).rejects.toMatchObject({ status: 401 });
  await bench.qstash.clock.settle();
  expect(bench.delivered).toEqual([]);
});

test('a batch accepts the options of publish, and also queues and groups', async () => {
  await bench.client.urlGroups.addEndpoints({
    name: 'group',
    endpoints: [{ url: `${bench.url}/g1` }, { url: `${bench.url}/g2` }],
  });
  const results = await bench.client.batchJSON([
    { url: `${bench.url}/queued`, queueName: 'q', body: { n: 1 } },
    { urlGroup: 'group', body: { n: 2 }, headers: { 'x-a': 'b' } },
  ]);
  await bench.qstash.clock.settle();
  expect(results).toEqual([
    { messageId: expect.any(String), url: `${bench.url}/queued` },
    [
      { messageId: expect.any(String), url: `${bench.url}/g1` },
      { messageId: expect.any(String), url: `${bench.url}/g2` },
    ],
  ]);
  expect(bench.paths().sort()).toEqual(['/g1', '/g2', '/queued']);
  expect(bench.last().headers['content-type']).toBe('application/json');
  expect(await bench.client.queue({ queueName: 'q' }).get()).toMatchObject({ lag: 0 });
});

test('used as a receiver of webhooks, it passes on all headers except its own token', async () => {
  const publish = (path: string, headers: Record<string, string>) =>
    fetch(`${bench.qstash.url}/v2/publish/${bench.url}${path}`, { method: 'POST', headers, body: '{}' });
  await publish(`/a?upstash-header-forward=true`, {
    authorization: `Bearer ${TOKEN}`,
    'x-hook': '1',
    'upstash-delay': '1s',
  });
  await publish(`/b?upstash-header-forward=true&qstash_token=${TOKEN}`, {
    authorization: 'Basic theirs',
    'x-hook': '2',
  });
  await bench.qstash.clock.advance(MINUTE);
  const [b, a] = bench.delivered;
  expect(a).toMatchObject({ path: '/a', headers: { 'x-hook': '1' } });
  expect(a?.headers).not.toHaveProperty('authorization');
  expect(a?.headers).not.toHaveProperty('upstash-delay');
  expect(b).toMatchObject({ path: '/b', headers: { 'x-hook': '2', authorization: 'Basic theirs' } });
});

test('an attempt is cut after the time limit of its message', async () => {
  const release = bench.hold();
  await bench.client.publish({ url: `${bench.url}/hangs`, timeout: '30s', retries: 0 });
  await bench.arrived(1);
  expect(limits).toEqual([30_000]);
  expire();
  await bench.qstash.clock.settle();
  expect((await bench.client.dlq.listMessages()).messages).toMatchObject([
    { responseStatus: 0, responseBody: 'timed out after 30 s' },
  ]);
  release();
});
