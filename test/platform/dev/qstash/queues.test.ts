/** Queues: order, places, and blocking. */
import { expect, test } from 'vitest';
import { MINUTE, SECOND, useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

const queue = (queueName = 'q') => bench.client.queue({ queueName });
const enqueue = (path: string, more = {}) => queue().enqueueJSON({ url: `${bench.url}${path}`, ...more });

test('messages are delivered one after the other, each after the answer to the previous one', async () => {
  const release = bench.hold();
  for (const path of ['/1', '/2', '/3']) await enqueue(path);
  await bench.arrived(1);
  expect(await queue().get()).toMatchObject({ name: 'q', parallelism: 1, paused: false, lag: 3 });
  expect(bench.paths()).toEqual(['/1']);
  release();
  await bench.qstash.clock.settle();
  expect(bench.paths()).toEqual(['/1', '/2', '/3']);
  expect(await queue().get()).toMatchObject({ lag: 0 });
});

test('a failing head blocks the rest during all its retries', async () => {
  bench.answerTo['/bad'] = { status: 500 };
  await enqueue('/bad', { retries: 2 });
  await enqueue('/good');
  await bench.qstash.clock.advance(12 * SECOND);
  expect(bench.paths()).toEqual(['/bad', '/bad']);
  expect(await queue().get()).toMatchObject({ lag: 2 });
  await bench.qstash.clock.advance(148 * SECOND);
  expect(bench.paths()).toEqual(['/bad', '/bad', '/bad', '/good']);
});

test('the next message waits for the callbacks of the previous one, and for their retries', async () => {
  bench.answerTo['/callback'] = { status: 500 };
  bench.answerTo['/bad'] = { status: 500 };
  await enqueue('/bad', { retries: 0, failureCallback: `${bench.url}/failed`, callback: `${bench.url}/callback` });
  await enqueue('/next');
  await bench.qstash.clock.settle();
  expect(bench.paths().sort()).toEqual(['/bad', '/callback', '/failed', '/next']);
  expect(bench.paths().at(-1)).toBe('/next');
  bench.delivered.length = 0;
  await enqueue('/ok', { retries: 1, callback: `${bench.url}/callback` });
  await enqueue('/next');
  await bench.qstash.clock.advance(11 * SECOND);
  expect(bench.paths()).toEqual(['/ok', '/callback']);
  await bench.qstash.clock.advance(SECOND);
  expect(bench.paths()).toEqual(['/ok', '/callback', '/callback', '/next']);
});

test('parallelism is the number of places, and can be raised while messages wait', async () => {
  await queue().upsert({ parallelism: 2 });
  const release = bench.hold();
  for (const path of ['/1', '/2', '/3', '/4']) await enqueue(path);
  await bench.arrived(2);
  expect(bench.qstash.state().counts.sending).toBe(2);
  await queue().upsert({ parallelism: 3 });
  await bench.arrived(3);
  expect(bench.qstash.state().counts.sending).toBe(3);
  release();
  await bench.qstash.clock.settle();
  expect(bench.delivered).toHaveLength(4);
});

test('a paused queue accepts messages and delivers none, not even a retry', async () => {
  bench.answers = [{ status: 500 }];
  await enqueue('/1');
  await bench.qstash.clock.settle();
  await queue().pause();
  await enqueue('/2');
  await bench.qstash.clock.advance(60 * MINUTE);
  expect(bench.paths()).toEqual(['/1']);
  expect(await queue().get()).toMatchObject({ paused: true, lag: 2 });
  await queue().resume();
  await bench.qstash.clock.settle();
  expect(bench.paths()).toEqual(['/1', '/1', '/2']);
});

test('a queue can be created paused', async () => {
  await queue().upsert({ paused: true });
  await enqueue('/1');
  await bench.qstash.clock.settle();
  expect(bench.delivered).toEqual([]);
});

test('a cancelled message leaves the queue, at its next delivery time if it has a place', async () => {
  bench.answers = [{ status: 500 }];
  const { messageId: head } = await enqueue('/head');
  const { messageId: second } = await enqueue('/second');
  await enqueue('/third');
  await bench.qstash.clock.settle();
  await bench.client.messages.cancel([head, second]);
  expect(await queue().get()).toMatchObject({ lag: 2 });
  await bench.qstash.clock.advance(12 * SECOND);
  expect(bench.paths()).toEqual(['/head', '/third']);
});

test('queues do not wait for each other', async () => {
  bench.answerTo['/bad'] = { status: 500 };
  await queue('a').enqueue({ url: `${bench.url}/bad` });
  await queue('b').enqueue({ url: `${bench.url}/good` });
  await bench.qstash.clock.settle();
  expect(bench.paths().sort()).toEqual(['/bad', '/good']);
});

test('deleting a queue cancels its messages', async () => {
  bench.answers = [{ status: 500 }];
  await enqueue('/1');
  await enqueue('/2');
  await bench.qstash.clock.settle();
  await queue().delete();
  expect(await queue().list()).toEqual([]);
  await bench.qstash.clock.advance(60 * MINUTE);
  expect(bench.paths()).toEqual(['/1']);
  expect(bench.qstash.state().counts.messages).toBe(0);
  expect(await queue().list()).toEqual([]);
});

test('a delayed message joins the queue when it is due', async () => {
  await enqueue('/later', { delay: 10 });
  await enqueue('/now');
  await bench.qstash.clock.advance(10 * SECOND);
  expect(bench.paths()).toEqual(['/now', '/later']);
});

test.each([
  [{ queueName: 'a b', parallelism: 1 }, 400],
  [{ queueName: 'a', parallelism: 0 }, 400],
  [{ queueName: 'a', paused: 'yes' }, 400],
  [{ queueName: 'a', parallelism: 101 }, 412],
])('%j is refused with %i', async (body, status) => {
  // With the slash that the documentation's example has.
  const response = await bench.api('/v2/queues/', { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(status);
});
