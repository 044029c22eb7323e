/** The limits of a plan, and the one setting that documentation and changelog disagree on. */
import { expect, test } from 'vitest';
import { SECOND, useQstash } from '../../../support/qstash.ts';

const limits = {
  queues: 1,
  schedules: 1,
  topics: 1,
  endpointsPerTopic: 1,
  maxResponseBytes: 4,
  delayedCallbacks: true,
};
const bench = useQstash({ limits });

test('no more is made than the plan allows; what there is can be changed', async () => {
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

test('a long answer is cut off', async () => {
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
