/** The limits of a plan, and the one setting on which documentation and changelog disagree. */
import { describe, expect, test } from 'vitest';
import { HOUR, SECOND, useQstash } from '../../../support/qstash.ts';

const limits = {
  queues: 1,
  schedules: 1,
  topics: 1,
  endpointsPerTopic: 1,
  maxResponseBytes: 4,
  delayedCallbacks: true,
};
const bench = useQstash({ limits });

test('the plan limits new objects; existing ones can be changed', async () => {
  const { client } = bench;
  const create = (scheduleId: string) =>
    client.schedules.create({ destination: bench.url, cron: '* * * * *', scheduleId });
  const add = (name: string, path: string) =>
    client.urlGroups.addEndpoints({ name, endpoints: [{ url: bench.url + path }] });
  const upsert = (queueName: string) => client.queue({ queueName }).upsert({ parallelism: 2 });
  for (let n = 0; n < 2; n++) {
    await upsert('a');
    await create('a');
    await add('a', '/1');
  }
  await expect(upsert('b')).rejects.toMatchObject({ status: 412 });
  await expect(create('b')).rejects.toMatchObject({ status: 412 });
  await expect(add('b', '/1')).rejects.toMatchObject({ status: 412 });
  await expect(add('a', '/2')).rejects.toMatchObject({ status: 412 });
});

test('a long answer is cut', async () => {
  bench.answers = [{ status: 500, body: '123456' }];
  await bench.client.publish({ url: bench.url, retries: 0 });
  await bench.qstash.clock.settle();
  expect((await bench.client.dlq.listMessages()).messages).toMatchObject([{ responseBody: '1234' }]);
});

test('a callback may be delayed if the plan says so', async () => {
  const headers = { 'upstash-callback-delay': '5s' };
  await bench.client.publish({ url: `${bench.url}/hook`, callback: `${bench.url}/callback`, headers });
  await bench.qstash.clock.advance(5 * SECOND - 1);
  expect(bench.paths()).toEqual(['/hook']);
  await bench.qstash.clock.advance(1);
  expect(bench.paths()).toEqual(['/hook', '/callback']);
});

const DAY = 24 * HOUR;
const inDays = (days: number) => Math.floor((bench.qstash.clock.now() + days * DAY) / SECOND);
const TOO_FAR: [name: string, headers: () => Record<string, string>][] = [
  ['delay', () => ({ 'Upstash-Delay': '365d1s' })],
  ['delay of a year and an hour in hours', () => ({ 'Upstash-Delay': `${365 * 24 + 1}h` })],
  ['time', () => ({ 'Upstash-Not-Before': String(inDays(366)) })],
];

test.each(TOO_FAR)('a %s beyond a year is refused, for a message and in a batch', async (_name, headers) => {
  const error = 'quota maxDelay exceeded, current limit: 31536000';
  const publish = await bench.api(`/v2/publish/${bench.url}`, { method: 'POST', headers: headers() });
  expect(publish.status).toBe(412);
  expect(await publish.json()).toEqual({ error });
  const items = [{ destination: bench.url, headers: headers() }, { destination: bench.url }];
  const batch = await bench.api('/v2/batch', { method: 'POST', body: JSON.stringify(items) });
  expect(await batch.json()).toEqual([{ error }, { messageId: expect.any(String), url: bench.url }]);
});

test('a schedule and a retried dead letter have the same limit', async () => {
  const create = bench.client.schedules.create({ destination: bench.url, cron: '* * * * *', delay: '366d' });
  await expect(create).rejects.toThrow(/quota maxDelay exceeded/);
  bench.answers = [{ status: 500 }];
  await bench.client.publish({ url: bench.url, retries: 0 });
  await bench.qstash.clock.settle();
  const headers = { 'upstash-delay': '366d' };
  expect((await bench.api('/v2/dlq/retry', { method: 'POST', headers })).status).toBe(412);
  expect((await bench.client.dlq.listMessages()).messages).toHaveLength(1);
});

test('a delay of exactly a year is accepted', async () => {
  const { messageId } = await bench.client.publish({ url: bench.url, delay: '365d' });
  const { notBefore, createdAt = 0 } = await bench.client.messages.get(messageId);
  expect(Number(notBefore) - createdAt).toBe(365 * DAY);
});

describe('on the free plan', () => {
  const free = useQstash({ limits: { maxDelayMs: 7 * DAY } });

  test('a delay is at most a week', async () => {
    await free.client.publish({ url: free.url, delay: '7d' });
    const later = free.client.publish({ url: free.url, delay: '8d' });
    await expect(later).rejects.toThrow('{"error":"quota maxDelay exceeded, current limit: 604800"}');
  });
});
