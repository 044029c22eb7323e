/** Unmodified third-party clients on the embedded Redis: over its TCP port, and `@upstash/realtime` over REST. */
import { createClient } from '@redis/client';
import { handle, Realtime } from '@upstash/realtime';
import { Redis as Upstash } from '@upstash/redis';
import { FlowProducer, Queue, QueueEvents, Worker } from 'bullmq';
import { Redis as IoRedis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { startRedis } from '../../../dev/redis/server.ts';
import { startRedisRest } from '../../../dev/redis-rest/server.ts';
import { TOKEN } from '../../support/rest.ts';

let engine: Awaited<ReturnType<typeof startRedis>>;
beforeAll(async () => {
  engine = await startRedis();
});
afterAll(() => engine.close());

describe('ioredis', () => {
  let redis: IoRedis;
  beforeAll(() => {
    redis = new IoRedis(engine.url);
  });
  afterAll(() => redis.disconnect());

  test('commands, a pipeline, a transaction and a custom script', async () => {
    expect(await redis.set('io', '1', 'PX', 60_000)).toBe('OK');
    expect(await redis.pipeline().incr('io').hset('io:h', { a: '1' }).hgetall('io:h').exec()).toEqual([
      [null, 2],
      [null, 1],
      [null, { a: '1' }],
    ]);
    expect(await redis.multi().incr('io').get('io').exec()).toEqual([
      [null, 3],
      [null, '3'],
    ]);
    expect(await redis.eval("return redis.call('GET', KEYS[1]) * ARGV[1]", 1, 'io', 7)).toBe(21);
  });

  test('publish and subscribe, a blocking read, a stream with a consumer group', async () => {
    const other = redis.duplicate();
    const heard = new Promise((resolve) => other.once('message', (...message) => resolve(message)));
    await other.subscribe('io:news');
    await redis.publish('io:news', 'hello');
    expect(await heard).toEqual(['io:news', 'hello']);
    await other.unsubscribe();
    const popped = other.blpop('io:list', 0);
    await redis.rpush('io:list', 'item');
    expect(await popped).toEqual(['io:list', 'item']);
    await redis.xgroup('CREATE', 'io:s', 'g', '$', 'MKSTREAM');
    const id = await redis.xadd('io:s', '*', 'n', '1');
    expect(await redis.xreadgroup('GROUP', 'g', 'c', 'STREAMS', 'io:s', '>')).toEqual([['io:s', [[id, ['n', '1']]]]]);
    other.disconnect();
  });
});

describe('node-redis', () => {
  const connect = () => createClient({ url: engine.url }).connect();
  let redis: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    redis = await connect();
  });
  afterAll(() => redis.destroy());

  test('commands, a transaction, a sorted set, a scan, a script', async () => {
    expect(await redis.set('found:n', '1', { expiration: { type: 'EX', value: 60 } })).toBe('OK');
    expect(await redis.multi().incr('found:n').get('found:n').exec()).toEqual([2, '2']);
    await redis.zAdd('found:z', [
      { score: 2, value: 'b' },
      { score: 1, value: 'a' },
    ]);
    expect(await redis.zRangeWithScores('found:z', 0, -1)).toEqual([
      { value: 'a', score: 1 },
      { value: 'b', score: 2 },
    ]);
    const found: string[] = [];
    for await (const keys of redis.scanIterator({ MATCH: 'found:*' })) found.push(...keys);
    expect(found.sort()).toEqual(['found:n', 'found:z']);
    expect(await redis.eval('return {KEYS[1], ARGV[1]}', { keys: ['k'], arguments: ['a'] })).toEqual(['k', 'a']);
  });

  test('publish and subscribe, a blocking read, a watched key', async () => {
    const other = await redis.duplicate().connect();
    const heard = Promise.withResolvers<string>();
    await other.subscribe('node:news', heard.resolve);
    await redis.publish('node:news', 'hello');
    expect(await heard.promise).toBe('hello');
    await other.unsubscribe();
    const popped = other.blPop('node:list', 0);
    await redis.rPush('node:list', 'item');
    expect(await popped).toEqual({ key: 'node:list', element: 'item' });
    await other.watch('node:watched');
    await redis.set('node:watched', 'changed');
    await expect(other.multi().set('node:watched', 'mine').exec()).rejects.toThrow(/watched keys/i);
    other.destroy();
  });
});

describe('BullMQ', () => {
  const runs: string[] = [];
  let queue: Queue;
  let events: QueueEvents;
  let worker: Worker;
  let flows: FlowProducer;
  beforeAll(async () => {
    const connection = { host: '127.0.0.1', port: engine.port };
    queue = new Queue('work', { connection });
    events = new QueueEvents('work', { connection });
    flows = new FlowProducer({ connection });
    worker = new Worker(
      'work',
      async (job) => {
        runs.push(job.name);
        if (job.name === 'fails once' && job.attemptsMade === 0) throw new Error('not yet');
        if (job.name === 'fails') throw new Error('never');
        const children = Object.values(await job.getChildrenValues<number>());
        return children.reduce((sum, each) => sum + each, Number(job.data.n ?? 0));
      },
      { connection },
    );
    await Promise.all([events.waitUntilReady(), worker.waitUntilReady()]);
  });
  afterAll(() => Promise.all([worker.close(), events.close(), flows.close(), queue.close()]));

  test('a job is done, a failing job is retried, a failed job is kept', async () => {
    const before = await queue.getJobCounts('completed', 'failed');
    const [plain, retried, failed] = await queue.addBulk([
      { name: 'plain', data: { n: 21 } },
      { name: 'fails once', data: { n: 4 }, opts: { attempts: 2, backoff: { type: 'fixed', delay: 1 } } },
      { name: 'fails', data: {} },
    ]);
    expect(await plain?.waitUntilFinished(events)).toBe(21);
    expect(await retried?.waitUntilFinished(events)).toBe(4);
    await expect(failed?.waitUntilFinished(events)).rejects.toThrow('never');
    expect(runs.filter((name) => name === 'fails once')).toHaveLength(2);
    const after = await queue.getJobCounts('completed', 'failed');
    const count = (state: string) => (after[state] ?? 0) - (before[state] ?? 0);
    expect([count('completed'), count('failed')]).toEqual([2, 1]);
  });

  test('a delayed job, one with a priority, a parent of others, and a schedule', async () => {
    const delayed = await queue.add('delayed', { n: 5 }, { delay: 1 });
    const urgent = await queue.add('urgent', { n: 6 }, { priority: 1 });
    expect(await delayed.waitUntilFinished(events)).toBe(5);
    expect(await urgent.waitUntilFinished(events)).toBe(6);
    const children = [1, 2].map((n) => ({ name: 'child', queueName: 'work', data: { n } }));
    const { job: parent } = await flows.add({ name: 'parent', queueName: 'work', children });
    expect(await parent.waitUntilFinished(events)).toBe(3);
    const tick = await queue.upsertJobScheduler('often', { every: 1, limit: 1 }, { name: 'tick', data: { n: 7 } });
    expect(await tick?.waitUntilFinished(events)).toBe(7);
  });
});

describe('@upstash/realtime over REST', () => {
  const schema = { chat: { message: z.object({ text: z.string() }) } };
  let rest: Awaited<ReturnType<typeof startRedisRest>>;
  let realtime: Realtime<{ schema: typeof schema; redis: Upstash; history: { maxLength: number } }>;
  beforeAll(async () => {
    // Its pings, each minute.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    rest = await startRedisRest({ redisUrl: engine.url, token: TOKEN });
    const redis = new Upstash({ url: rest.url, token: TOKEN, enableTelemetry: false });
    realtime = new Realtime({ schema, redis, history: { maxLength: 2 } });
  });
  afterAll(async () => {
    vi.useRealTimers();
    await rest.close();
  });

  test('an event is kept in a history of limited length, and subscribers receive it', async () => {
    const room = realtime.channel('room');
    for (const text of ['one', 'two', 'three']) await room.emit('chat.message', { text });
    expect((await room.history()).map(({ data }) => data)).toEqual([{ text: 'two' }, { text: 'three' }]);
    const heard: unknown[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = await room.subscribe({
      events: ['chat.message'],
      history: true,
      onData({ data }) {
        if (heard.push(data) === 3) resolve();
      },
    });
    await room.emit('chat.message', { text: 'four' });
    await promise;
    expect(heard).toEqual([{ text: 'two' }, { text: 'three' }, { text: 'four' }]);
    stop();
  });

  test('its handler streams events emitted after the request', async () => {
    const caller = new AbortController();
    const request = new Request('http://app.test/api/realtime?channel=lobby', { signal: caller.signal });
    const response = (await handle({ realtime })(request)) ?? expect.fail('no response');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const next = async () => JSON.parse(String((await reader?.read())?.value).replace('data: ', ''));
    expect(await next()).toEqual({ type: 'connected', channel: 'lobby' });
    await realtime.channel('lobby').emit('chat.message', { text: 'hello' });
    expect(await next()).toMatchObject({ event: 'chat.message', channel: 'lobby', data: { text: 'hello' } });
    caller.abort();
  });
});
