/** Callbacks: one after every attempt, and one when a message is dead. */
import { expect, test } from 'vitest';
import { SECOND, useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

const decode = (text: unknown) => Buffer.from(String(text), 'base64').toString();
const reports = (path: string) =>
  bench.delivered.filter((delivered) => delivered.path === path).map(({ body }) => JSON.parse(body));

test('a callback has the answer and the message', async () => {
  const now = bench.qstash.clock.now();
  bench.answerTo['/hook'] = { status: 201, body: 'grüße', headers: { 'x-answer': 'a' } };
  const { messageId } = await bench.client.publish({
    url: `${bench.url}/hook`,
    body: 'b',
    headers: { 'x-a': '1' },
    callback: `${bench.url}/callback`,
  });
  await bench.qstash.clock.settle();
  const [report] = reports('/callback');
  expect(report).toEqual({
    status: 201,
    header: expect.objectContaining({ 'X-Answer': ['a'] }),
    body: expect.any(String),
    retried: 0,
    maxRetries: 3,
    sourceMessageId: messageId,
    url: `${bench.url}/hook`,
    method: 'POST',
    sourceHeader: expect.objectContaining({ 'X-A': ['1'] }),
    sourceBody: btoa('b'),
    notBefore: now,
    createdAt: now,
    callerIP: '127.0.0.1',
  });
  expect(decode(report.body)).toBe('grüße');
});

test('a callback is signed, and is itself a message', async () => {
  const { messageId } = await bench.client.publish({ url: `${bench.url}/hook`, callback: `${bench.url}/callback` });
  await bench.qstash.clock.settle();
  const { headers, body } = bench.last();
  expect(headers['upstash-message-id']).not.toBe(messageId);
  expect(headers['content-type']).toBe('application/json');
  const signature = String(headers['upstash-signature']);
  expect(await bench.receiver.verify({ signature, body, url: `${bench.url}/callback` })).toBe(true);
});

test('a callback follows every attempt, and one failure callback the last', async () => {
  bench.answerTo['/bad'] = { status: 500 };
  await bench.client.publish({
    url: `${bench.url}/bad`,
    retries: 1,
    callback: `${bench.url}/callback`,
    failureCallback: `${bench.url}/failed`,
  });
  await bench.qstash.clock.settle();
  expect(reports('/callback')).toMatchObject([{ status: 500, retried: 0 }]);
  expect(reports('/failed')).toEqual([]);
  await bench.qstash.clock.advance(12 * SECOND);
  expect(reports('/callback')).toMatchObject([{ retried: 0 }, { retried: 1, maxRetries: 1 }]);
  const [letter] = (await bench.client.dlq.listMessages()).messages;
  expect(reports('/failed')).toMatchObject([{ status: 500, retried: 1, dlqId: letter?.dlqId }]);
  expect(reports('/callback')[1]).not.toHaveProperty('dlqId');
});

test('a message that must not be retried has its failure callback immediately', async () => {
  bench.answerTo['/bad'] = { status: 489, headers: { 'upstash-nonretryable-error': 'true' } };
  await bench.client.publish({ url: `${bench.url}/bad`, failureCallback: `${bench.url}/failed` });
  await bench.qstash.clock.settle();
  expect(reports('/failed')).toMatchObject([{ status: 489, retried: 0 }]);
});

test('a success has no failure callback', async () => {
  await bench.client.publish({ url: `${bench.url}/good`, failureCallback: `${bench.url}/failed` });
  await bench.qstash.clock.settle();
  expect(bench.paths()).toEqual(['/good']);
});

test('each callback has its own settings; by default its retries are those of the message', async () => {
  for (const path of ['/bad', '/callback', '/failed']) bench.answerTo[path] = { status: 500 };
  await bench.client.publish({
    url: `${bench.url}/bad`,
    retries: 0,
    callback: `${bench.url}/callback`,
    failureCallback: `${bench.url}/failed`,
    headers: {
      'Upstash-Callback-Method': 'PUT',
      'Upstash-Callback-Retries': '1',
      'Upstash-Callback-Retry-Delay': '5000',
      'Upstash-Callback-Forward-X-Kind': 'callback',
      'Upstash-Callback-Label': 'reports',
      'Upstash-Failure-Callback-Forward-X-Kind': 'failure',
    },
  });
  await bench.qstash.clock.advance(5 * SECOND);
  const seen = bench.delivered.map(({ method, path, headers }) => [method, path, headers['x-kind']]);
  expect(seen.slice(0, 1)).toEqual([['POST', '/bad', undefined]]);
  expect(seen.slice(1).sort()).toEqual([
    ['POST', '/failed', 'failure'],
    ['PUT', '/callback', 'callback'],
    ['PUT', '/callback', 'callback'],
  ]);
  const { messages } = await bench.client.dlq.listMessages();
  expect(messages.map(({ url, label }) => [url, label]).sort()).toEqual([
    [`${bench.url}/bad`, undefined],
    [`${bench.url}/callback`, 'reports'],
    [`${bench.url}/failed`, undefined],
  ]);
});

test('an unreachable destination is reported with status 0', async () => {
  await bench.client.publish({ url: 'http://127.0.0.1:1/', retries: 0, failureCallback: `${bench.url}/failed` });
  await bench.qstash.clock.settle();
  const [report] = reports('/failed');
  expect(report).toMatchObject({ status: 0, header: {} });
  expect(decode(report.body)).toMatch(/ECONNREFUSED/);
});

test('the callback of a URL group names group and endpoint', async () => {
  await bench.client.urlGroups.addEndpoints({ name: 'group', endpoints: [{ name: 'one', url: `${bench.url}/1` }] });
  await bench.client.publish({ urlGroup: 'group', callback: `${bench.url}/callback` });
  await bench.qstash.clock.settle();
  expect(reports('/callback')).toMatchObject([{ topicName: 'group', endpointName: 'one' }]);
});
