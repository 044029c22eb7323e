/** The dead-letter queue: listing with filters and pages, trying again, deleting. */
import { expect, test } from 'vitest';
import { HOUR, MINUTE, useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

/** Publishes to paths that answer 500, one minute apart, and lets the messages die. */
async function die(paths: string[], more: Record<string, unknown> = {}): Promise<void> {
  for (const path of paths) {
    bench.answerTo[path] ??= { status: 500, body: 'broken' };
    await bench.client.publish({ url: `${bench.url}${path}`, retries: 0, body: path, ...more });
    await bench.qstash.clock.advance(MINUTE);
  }
}

const list = async (options?: Parameters<typeof bench.client.dlq.listMessages>[0]) =>
  (await bench.client.dlq.listMessages(options)).messages;
const bodies = async (options?: Parameters<typeof bench.client.dlq.listMessages>[0]) =>
  (await list(options)).map(({ body }) => body);

test('a dead letter has the message and the last answer', async () => {
  bench.answerTo['/bad'] = { status: 503, body: 'gone', headers: { 'x-why': 'tired' } };
  const before = bench.qstash.clock.now();
  await die(['/bad'], { label: ['a', 'b'] });
  const [letter] = await list();
  expect(letter).toMatchObject({
    dlqId: `${before}-0`,
    url: `${bench.url}/bad`,
    body: '/bad',
    maxRetries: 0,
    label: 'a',
    labels: ['a', 'b'],
    responseStatus: 503,
    responseBody: 'gone',
    responseHeader: { 'X-Why': ['tired'] },
  });
  expect(await (await bench.api(`/v2/dlq/${letter?.dlqId}`)).json()).toMatchObject({ messageId: letter?.messageId });
  expect((await bench.api('/v2/dlq/1-0')).status).toBe(404);
});

test('pages follow each other by cursor, oldest first, also when letters are deleted in between', async () => {
  await die(['/1', '/2', '/3', '/4', '/5']);
  const first = await bench.client.dlq.listMessages({ count: 2 });
  expect(first.messages.map(({ body }) => body)).toEqual(['/1', '/2']);
  await bench.client.dlq.delete(first.messages.map(({ dlqId }) => dlqId));
  const second = await bench.client.dlq.listMessages({ count: 2, cursor: first.cursor ?? '' });
  expect(second.messages.map(({ body }) => body)).toEqual(['/3', '/4']);
  const third = await bench.client.dlq.listMessages({ count: 2, cursor: second.cursor ?? '' });
  expect(third.messages.map(({ body }) => body)).toEqual(['/5']);
  expect(third.cursor).toBeUndefined();
  const newest = (await (await bench.api('/v2/dlq?order=latestFirst&count=2')).json()) as { messages: unknown };
  expect(newest.messages).toMatchObject([{ body: '/5' }, { body: '/4' }]);
});

test('filters match any of their values, and all of them must match', async () => {
  bench.answerTo['/404'] = { status: 404 };
  const start = bench.qstash.clock.now();
  await die(['/a'], { label: 'red' });
  await die(['/404'], { label: ['red', 'blue'] });
  await die(['/c'], { flowControl: { key: 'k', parallelism: 1 } });
  expect(await bodies({ filter: { label: 'red' } })).toEqual(['/a', '/404']);
  expect(await bodies({ filter: { label: ['blue', 'green'] } })).toEqual(['/404']);
  expect(await bodies({ filter: { label: 'red', responseStatus: 404 } })).toEqual(['/404']);
  expect(await bodies({ filter: { responseStatus: [404, 500] } })).toEqual(['/a', '/404', '/c']);
  expect(await bodies({ filter: { url: [`${bench.url}/a`, `${bench.url}/c`] } })).toEqual(['/a', '/c']);
  expect(await bodies({ filter: { flowControlKey: 'k' } })).toEqual(['/c']);
  expect(await bodies({ filter: { fromDate: start + MINUTE, toDate: new Date(start + MINUTE) } })).toEqual(['/404']);
  expect(await bodies({ filter: { callerIp: '10.0.0.1' } })).toEqual([]);
  const [letter] = await list();
  expect(await bodies({ filter: { messageId: letter?.messageId ?? '' } })).toEqual(['/a']);
  expect(await bodies({ dlqIds: [letter?.dlqId ?? ''] })).toEqual(['/a']);
  expect((await bench.api('/v2/dlq?label=green,blue')).status).toBe(200);
  expect((await bench.api('/v2/dlq?host=h')).status).toBe(400);
});

test('a retried letter becomes a new message with the old content and leaves the queue', async () => {
  await die(['/bad'], { headers: { 'x-a': '1' }, deduplicationId: 'once', delay: 5 });
  const [letter] = await list();
  bench.answerTo = {};
  const { responses, cursor } = await bench.client.dlq.retry(letter?.dlqId ?? '');
  await bench.qstash.clock.settle();
  expect(cursor).toBeUndefined();
  expect(responses).toEqual([{ messageId: expect.any(String), url: `${bench.url}/bad` }]);
  expect(responses[0]?.messageId).not.toBe(letter?.messageId);
  expect(bench.last()).toMatchObject({
    body: '/bad',
    headers: { 'x-a': '1', 'upstash-retried': '0', 'upstash-message-id': responses[0]?.messageId },
  });
  expect(await list()).toEqual([]);
});

test('headers of the retry win over those of the message', async () => {
  await die(['/bad']);
  const [letter] = await list();
  const headers = { 'upstash-retries': '1', 'upstash-retry-delay': '5000', 'upstash-forward-x-again': 'yes' };
  const response = await bench.api(`/v2/dlq/retry/${letter?.dlqId}`, { method: 'POST', headers });
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({ messageId: expect.any(String), url: `${bench.url}/bad` });
  await bench.qstash.clock.advance(5_000);
  expect(bench.delivered).toHaveLength(3);
  expect(bench.last().headers).toMatchObject({ 'x-again': 'yes', 'upstash-retried': '1' });
});

test('many letters are retried page by page', async () => {
  await die(['/1', '/2', '/3'], { label: 'l' });
  bench.answerTo = {};
  const first = await bench.client.dlq.retry({ filter: { label: 'l' }, count: 2 });
  expect(first.responses).toHaveLength(2);
  expect(first.cursor).toEqual(expect.any(String));
  const second = await bench.client.dlq.retry({ all: true, cursor: first.cursor ?? '' });
  expect(second).toEqual({ responses: [expect.anything()], cursor: undefined });
  expect(await list()).toEqual([]);
});

test('an unknown id fails the whole retry', async () => {
  await die(['/1']);
  const [letter] = await list();
  await expect(bench.client.dlq.retry([letter?.dlqId ?? '', '1-0'])).rejects.toMatchObject({ status: 404 });
  expect(await list()).toHaveLength(1);
});

test('letters are deleted one by one, by filter, or all', async () => {
  await die(['/1', '/2', '/3', '/4']);
  const [letter] = await list();
  expect(await bench.client.dlq.delete(letter?.dlqId ?? '')).toEqual({ deleted: 1 });
  await expect(bench.client.dlq.delete(letter?.dlqId ?? '')).rejects.toMatchObject({ status: 404 });
  expect(await bench.client.dlq.delete({ filter: { url: `${bench.url}/2` } })).toEqual({ deleted: 1 });
  expect(await bodies()).toEqual(['/3', '/4']);
  expect(await bench.client.dlq.delete({ all: true, count: 1 })).toMatchObject({
    deleted: 1,
    cursor: expect.anything(),
  });
  expect(await bench.client.dlq.delete({ all: true })).toEqual({ deleted: 1 });
});

test.each([
  ['DELETE', '/v2/dlq', 'labeel=x'],
  ['DELETE', '/v2/dlq', 'dlqIds[]=1-0'],
  ['DELETE', '/v2/dlq', 'dlqid=1-0'],
  ['DELETE', '/v2/dlq', 'label=x&host=h'],
  ['POST', '/v2/dlq/retry', 'labeel=x'],
  ['GET', '/v2/dlq', 'labeel=x'],
  ['GET', '/v2/events', 'labeel=x'],
])('%s %s with %s is refused, and leaves every letter', async (method, path, query) => {
  await die(['/1'], { label: 'x' });
  const response = await bench.api(`${path}?${query}`, { method });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: expect.stringMatching(/ is not a filter of this list; /) });
  expect(await list()).toHaveLength(1);
  expect(bench.delivered).toHaveLength(1);
});

test('an id is never used twice, even if its letter has been deleted', async () => {
  const ids: string[] = [];
  for (const path of ['/1', '/2']) {
    bench.answerTo[path] = { status: 500 };
    await bench.client.publish({ url: `${bench.url}${path}`, retries: 0 });
    await bench.qstash.clock.settle();
    ids.push(...(await list()).map(({ dlqId }) => dlqId));
    await bench.client.dlq.delete({ all: true });
  }
  expect(new Set(ids).size).toBe(2);
});

test('letters are deleted after a week', async () => {
  await die(['/1']);
  await bench.qstash.clock.advance(7 * 24 * HOUR);
  await die(['/2']);
  expect(await bodies()).toEqual(['/2']);
});
