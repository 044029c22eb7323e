/**
 * Every method of the SDK's client works with the emulator. The table is compared with the SDK, so a method of a new
 * version fails this test. The parts for language models (`chat`) and workflows (`workflow`) are left out.
 */
import { expect, test } from 'vitest';
import { useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

const LEFT_OUT = ['Client.chat', 'Client.workflow'];

/** The parts of the client that have methods of their own. */
const parts = () => ({
  Client: bench.client,
  Queue: bench.client.queue({ queueName: 'q' }),
  UrlGroups: bench.client.urlGroups,
  Schedules: bench.client.schedules,
  Messages: bench.client.messages,
  DLQ: bench.client.dlq,
  FlowControl: bench.client.flowControl,
});

const url = () => `${bench.url}/hook`;
const endpoints = () => [{ name: 'one', url: url() }];
const pending = () => bench.client.publish({ url: url(), delay: 60, flowControl: { key: 'k', parallelism: 1 } });
const queue = () => bench.client.queue({ queueName: 'q' });

async function dead(): Promise<string> {
  bench.answers = [{ status: 500 }];
  await bench.client.publish({ url: url(), retries: 0 });
  await bench.qstash.clock.settle();
  return (await bench.client.dlq.listMessages()).messages[0]?.dlqId ?? expect.fail('nothing is dead');
}

async function scheduled(): Promise<string> {
  return (await bench.client.schedules.create({ destination: url(), cron: '* * * * *' })).scheduleId;
}

async function group(): Promise<void> {
  await bench.client.urlGroups.addEndpoints({ name: 'g', endpoints: endpoints() });
}

/** The result or the effect of each method. */
const METHODS: Record<string, () => Promise<unknown>> = {
  'Client.publish': async () =>
    expect(await bench.client.publish({ url: url() })).toEqual({ messageId: expect.any(String), url: url() }),
  'Client.publishJSON': async () =>
    expect(await bench.client.publishJSON({ url: url(), body: { n: 1 } })).toMatchObject({ url: url() }),
  'Client.batch': async () => expect(await bench.client.batch([{ url: url() }])).toMatchObject([{ url: url() }]),
  'Client.batchJSON': async () =>
    expect(await bench.client.batchJSON([{ url: url(), body: { n: 1 } }])).toMatchObject([{ url: url() }]),
  'Client.logs': async () => {
    await pending();
    expect((await bench.client.logs()).logs).toMatchObject([{ state: 'CREATED', url: url() }]);
  },
  'Client.events': async () => {
    await pending();
    expect((await bench.client.events()).events).toMatchObject([{ state: 'CREATED', url: url() }]);
  },
  'Client.queue': async () => expect(await bench.client.queue().list()).toEqual([]),
  'Client.urlGroups': async () => expect(await bench.client.urlGroups.list()).toEqual([]),
  'Client.topics': async () => expect(await bench.client.topics.list()).toEqual([]),
  'Client.schedules': async () => expect(await bench.client.schedules.list()).toEqual([]),
  'Client.messages': async () => expect(await bench.client.messages.cancel([])).toEqual({ cancelled: 0 }),
  'Client.dlq': async () => expect(await bench.client.dlq.delete([])).toEqual({ deleted: 0 }),
  'Client.flowControl': async () =>
    expect(await bench.client.flowControl.getGlobalParallelism()).toMatchObject({ parallelismMax: 100 }),

  'Queue.upsert': async () => {
    await queue().upsert({ parallelism: 3, paused: true });
    expect(await queue().get()).toMatchObject({ name: 'q', parallelism: 3, paused: true, lag: 0 });
  },
  'Queue.get': async () => expect(queue().get()).rejects.toMatchObject({ status: 404 }),
  'Queue.list': async () => {
    await queue().upsert({});
    expect(await queue().list()).toMatchObject([{ name: 'q', parallelism: 1, createdAt: expect.any(Number) }]);
  },
  'Queue.delete': async () => {
    await queue().upsert({});
    await queue().delete();
    expect(await queue().list()).toEqual([]);
  },
  'Queue.enqueue': async () => expect(await queue().enqueue({ url: url() })).toMatchObject({ url: url() }),
  'Queue.enqueueJSON': async () =>
    expect(await queue().enqueueJSON({ url: url(), body: {} })).toMatchObject({ url: url() }),
  'Queue.pause': async () => {
    await queue().upsert({});
    await queue().pause();
    expect(await queue().get()).toMatchObject({ paused: true });
  },
  'Queue.resume': async () => {
    await queue().upsert({ paused: true });
    await queue().resume();
    expect(await queue().get()).toMatchObject({ paused: false });
  },

  'UrlGroups.addEndpoints': async () => {
    await group();
    expect(await bench.client.urlGroups.list()).toMatchObject([{ name: 'g', endpoints: endpoints() }]);
  },
  'UrlGroups.removeEndpoints': async () => {
    await group();
    await bench.client.urlGroups.removeEndpoints({ name: 'g', endpoints: endpoints() });
    expect(await bench.client.urlGroups.list()).toEqual([]);
  },
  'UrlGroups.list': async () => expect(await bench.client.urlGroups.list()).toEqual([]),
  'UrlGroups.get': async () => {
    await group();
    expect(await bench.client.urlGroups.get('g')).toMatchObject({ name: 'g', updatedAt: expect.any(Number) });
  },
  'UrlGroups.delete': async () => {
    await group();
    await bench.client.urlGroups.delete('g');
    expect(await bench.client.urlGroups.list()).toEqual([]);
  },

  'Schedules.create': async () => expect(await scheduled()).toMatch(/^scd_/),
  'Schedules.get': async () =>
    expect(await bench.client.schedules.get(await scheduled())).toMatchObject({ cron: '* * * * *' }),
  'Schedules.list': async () => {
    await scheduled();
    expect(await bench.client.schedules.list()).toMatchObject([{ destination: url(), isPaused: false }]);
  },
  'Schedules.delete': async () => {
    await bench.client.schedules.delete(await scheduled());
    expect(await bench.client.schedules.list()).toEqual([]);
  },
  'Schedules.pause': async () => {
    await bench.client.schedules.pause({ schedule: await scheduled() });
    expect(await bench.client.schedules.list()).toMatchObject([{ isPaused: true }]);
  },
  'Schedules.resume': async () => {
    const schedule = await scheduled();
    await bench.client.schedules.pause({ schedule });
    await bench.client.schedules.resume({ schedule });
    expect(await bench.client.schedules.list()).toMatchObject([{ isPaused: false }]);
  },

  'Messages.get': async () => {
    const { messageId } = await pending();
    expect(await bench.client.messages.get(messageId)).toMatchObject({ messageId, url: url() });
  },
  'Messages.cancel': async () =>
    expect(await bench.client.messages.cancel((await pending()).messageId)).toEqual({ cancelled: 1 }),
  'Messages.delete': async () => {
    const { messageId } = await pending();
    await bench.client.messages.delete(messageId);
    await expect(bench.client.messages.get(messageId)).rejects.toMatchObject({ status: 404 });
  },
  'Messages.deleteMany': async () =>
    expect(await bench.client.messages.deleteMany([(await pending()).messageId])).toBe(1),
  'Messages.deleteAll': async () => {
    await pending();
    expect(await bench.client.messages.deleteAll()).toBe(1);
  },

  'DLQ.listMessages': async () => {
    const dlqId = await dead();
    expect(await bench.client.dlq.listMessages()).toMatchObject({ messages: [{ dlqId, responseStatus: 500 }] });
  },
  'DLQ.delete': async () => expect(await bench.client.dlq.delete(await dead())).toEqual({ deleted: 1 }),
  'DLQ.deleteMany': async () =>
    expect(await bench.client.dlq.deleteMany({ dlqIds: [await dead()] })).toEqual({ deleted: 1 }),
  'DLQ.retry': async () =>
    expect(await bench.client.dlq.retry(await dead())).toMatchObject({ responses: [{ url: url() }] }),

  'FlowControl.get': async () => {
    await pending();
    expect(await bench.client.flowControl.get('k')).toMatchObject({ flowControlKey: 'k', parallelismMax: 1 });
  },
  'FlowControl.getGlobalParallelism': async () =>
    expect(await bench.client.flowControl.getGlobalParallelism()).toEqual({ parallelismMax: 100, parallelismCount: 0 }),
  'FlowControl.pause': async () => {
    await bench.client.flowControl.pause('k');
    expect(await bench.client.flowControl.get('k')).toMatchObject({ isPaused: true });
  },
  'FlowControl.resume': async () => {
    await bench.client.flowControl.pause('k');
    await bench.client.flowControl.resume('k');
    expect(await bench.client.flowControl.get('k')).toMatchObject({ isPaused: false });
  },
  'FlowControl.pin': async () => {
    await bench.client.flowControl.pin('k', { rate: 2, period: 60 });
    expect(await bench.client.flowControl.get('k')).toMatchObject({ rateMax: 2, ratePeriod: 60, isPinnedRate: true });
  },
  'FlowControl.unpin': async () => {
    await bench.client.flowControl.pin('k', { rate: 2, parallelism: 1 });
    await bench.client.flowControl.unpin('k', { rate: true });
    expect(await bench.client.flowControl.get('k')).toMatchObject({ isPinnedRate: false, isPinnedParallelism: true });
  },
  'FlowControl.resetRate': async () => {
    await bench.client.flowControl.resetRate('k');
    expect(await bench.client.flowControl.get('k')).toMatchObject({ rateCount: 0 });
  },
};

test.each(Object.keys(METHODS))('%s', async (name) => {
  await METHODS[name]?.();
});

test('the table has all methods of the SDK', () => {
  const names = Object.entries(parts()).flatMap(([part, instance]) =>
    Object.getOwnPropertyNames(Object.getPrototypeOf(instance))
      .filter((name) => name !== 'constructor')
      .map((name) => `${part}.${name}`),
  );
  expect(names.sort()).toEqual([...Object.keys(METHODS), ...LEFT_OUT].sort());
});
