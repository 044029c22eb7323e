/** Channels: the messages and the gaps that a listener receives, and the costs. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { channel, type Listener, listen, publish, receive } from '../../../src/platform/channels/index.ts';
import { SILENCE_MS } from '../../../src/platform/channels/listen.ts';
import { createLog } from '../../../src/platform/log.ts';
import {
  createBreaker,
  createRedisMeter,
  createSubscribe,
  createTransport,
  RedisClient,
} from '../../../src/platform/redis/index.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { startRest, TOKEN } from '../../support/rest.ts';

let redisAndRest: Awaited<ReturnType<typeof startRest>>;
const listeners: Listener[] = [];
beforeAll(async () => {
  redisAndRest = await startRest();
});
afterEach(() => {
  for (const listener of listeners.splice(0)) listener.close();
  redisAndRest.rest.intercept = undefined;
  redisAndRest.rest.interceptMessage = undefined;
});
afterAll(() => redisAndRest.close());

/** A list that a test waits on. */
function arrivals<Item>() {
  const items: Item[] = [];
  let wake = () => {};
  return {
    items,
    add(item: Item) {
      items.push(item);
      wake();
    },
    async count(count: number): Promise<Item[]> {
      while (items.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return items;
    },
  };
}

/** A process with a clock that the test moves, and a channel of its own. */
function process() {
  const { rest } = redisAndRest;
  const clock = manualClock();
  const { system } = clock;
  const meter = createRedisMeter();
  const lines = arrivals<Record<string, unknown>>();
  const log = createLog({ now: system.now, write: (line) => lines.add(JSON.parse(line) as Record<string, unknown>) });
  const now = () => system.now();
  const limits = { meter, breaker: createBreaker({ now }), now, timeout: 30_000 };
  const redis = new RedisClient(createTransport({ url: rest.url, token: TOKEN, ...limits }));
  const ended = arrivals<'end'>();
  const open = createSubscribe({ url: rest.url, token: TOKEN, fetch, system, timeoutMs: 30_000, meter });
  const deliveries: ((text: string) => void)[] = [];
  const subscribe: typeof open = (channels, subscriber) => {
    for (const name of channels) deliveries.push((text) => subscriber.onMessage(name, text));
    return open(channels, {
      onMessage: subscriber.onMessage,
      onEnd() {
        subscriber.onEnd();
        ended.add('end');
      },
    });
  };
  const numbers = channel(`numbers.${randomBytes(6).toString('hex')}`, z.strictObject({ n: z.int() }));
  /** Messages and gaps, in the order in which the listener reports them. */
  const told = arrivals<number | 'gap'>();
  return {
    ...{ clock, meter, redis, lines, ended, numbers, told, subscribe, system, log },
    /** Brings a message of the channel to each subscription, as its connection does. */
    deliver(text: string) {
      for (const delivery of deliveries) delivery(text);
    },
    listen(onMessage: (n: number) => void = told.add) {
      const receivers = [receive(numbers, ({ n }) => onMessage(n))];
      const listener = listen({ subscribe, system, log }, { receivers, onGap: () => told.add('gap') });
      listeners.push(listener);
      return listener;
    },
  };
}

test('a listener reports a gap when the subscription has opened, and then receives messages in their order', async () => {
  const { listen, told, redis, numbers } = process();
  await publish(redis, numbers, { n: 0 });
  const listener = listen();
  await told.count(1);
  for (const n of [1, 2, 3]) expect(await publish(redis, numbers, { n })).toBe(1);
  expect(await told.count(4)).toEqual(['gap', 1, 2, 3]);
  expect(listener.counts).toEqual({ received: 3, refused: 0, opened: 1, failed: 0 });
});

test('a publication costs 1 request and 1 command, no request beside another command, a listener 1 and 1, and a message nothing', async () => {
  const { listen, told, redis, numbers, meter } = process();
  const costs = () => [meter.requests, meter.commands];
  listen();
  await told.count(1);
  expect(costs()).toEqual([1, 1]);
  await publish(redis, numbers, { n: 1 });
  await told.count(2);
  expect(costs()).toEqual([2, 2]);
  await Promise.all([redis.ping(), publish(redis, numbers, { n: 2 })]);
  await told.count(3);
  expect(costs()).toEqual([3, 4]);
});

test('after a lost connection the listener opens a new one after its wait, and reports the gap', async () => {
  const { listen, told, redis, numbers, ended, clock } = process();
  listen();
  await told.count(1);
  redisAndRest.rest.endSubscriptions();
  await ended.count(1);
  // Redis notices the end of a connection some time after the listener.
  await expect.poll(() => publish(redis, numbers, { n: 1 })).toBe(0);
  clock.advance(999);
  expect(told.items).toEqual(['gap']);
  await advanceUntil(clock, told, 2);
  await publish(redis, numbers, { n: 2 });
  expect(await told.count(3)).toEqual(['gap', 'gap', 2]);
});

/** Moves the clock ms by ms until the listener has received more, because the wait begins some turns after the end. */
async function advanceUntil(clock: ReturnType<typeof manualClock>, told: { items: unknown[] }, count: number) {
  while (told.items.length < count) {
    clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('while Redis does not answer, the waits double from 1 s to 30 s, and the listener recovers', async () => {
  const { clock, numbers, told, log, subscribe, redis } = process();
  let isDown = true;
  const waits: number[] = [];
  // A system without jitter, whose timers are recorded and end at once while Redis is down.
  const system = {
    ...clock.system,
    random: () => 0.5,
    timer(ms: number, run: () => void) {
      if (!isDown) return clock.system.timer(ms, run);
      waits.push(ms);
      if (waits.length === 8) isDown = false;
      queueMicrotask(run);
      return () => {};
    },
  };
  const flaky: typeof subscribe = (...args) => (isDown ? Promise.reject(new Error('down')) : subscribe(...args));
  const receivers = [receive(numbers, ({ n }) => told.add(n))];
  const listener = listen({ subscribe: flaky, system, log }, { receivers, onGap: () => told.add('gap') });
  listeners.push(listener);
  await told.count(1);
  await publish(redis, numbers, { n: 1 });
  expect(await told.count(2)).toEqual(['gap', 1]);
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(listener.counts).toEqual({ received: 1, refused: 0, opened: 1, failed: 8 });
});

test('a connection that is silent for 5 minutes is opened again at once, with a gap; one with messages is not', async () => {
  const { listen, told, redis, numbers, clock, meter } = process();
  listen();
  await told.count(1);
  clock.advance(SILENCE_MS - 1);
  await publish(redis, numbers, { n: 1 });
  await told.count(2);
  const before = meter.requests;
  clock.advance(SILENCE_MS - 1);
  expect(meter.requests).toBe(before);
  clock.advance(1);
  expect(await told.count(3)).toEqual(['gap', 1, 'gap']);
  await publish(redis, numbers, { n: 2 });
  expect(await told.count(4)).toEqual(['gap', 1, 'gap', 2]);
});

test.each([
  ['another shape', '{"n":"one"}', 'n'],
  ['more fields', '{"n":1,"secret":"s3cret"}', 'the message'],
  ['no JSON', 'one', 'the message'],
])('a message of %s is refused, counted, logged without its content, and reported as a gap', async (_, text, at) => {
  const { listen, told, redis, numbers, lines } = process();
  const listener = listen();
  await told.count(1);
  await redis.publish(numbers.key, text);
  await told.count(2);
  await redis.publish(numbers.key, text);
  await publish(redis, numbers, { n: 2 });
  expect(await told.count(4)).toEqual(['gap', 'gap', 'gap', 2]);
  expect(listener.counts).toMatchObject({ received: 1, refused: 2 });
  // One line a minute for any number of messages.
  expect(lines.items).toEqual([
    expect.objectContaining({ event: 'channel.message_refused', channel: numbers.name, at, refused: 1 }),
  ]);
  expect(JSON.stringify(lines.items)).not.toContain('s3cret');
});

test('a message that does not match the schema, or has more than 64 KiB, is not published', async () => {
  const { redis, numbers, meter } = process();
  await expect(publish(redis, numbers, { n: 1.5 })).rejects.toMatchObject({ code: 'CHANNEL_MESSAGE' });
  const texts = channel('texts', z.string());
  await expect(publish(redis, texts, 'x'.repeat(65_535))).rejects.toMatchObject({ code: 'CHANNEL_MESSAGE' });
  expect(meter.requests).toBe(0);
  expect(await publish(redis, texts, 'x'.repeat(65_534))).toBe(0);
});

test.each(['', 'Numbers', '1st', 'a,b', 'a'.repeat(65)])('the name %j is refused', (name) => {
  expect(() => channel(name, z.string())).toThrow(expect.objectContaining({ code: 'CHANNEL_NAME' }));
});

test('a receiver that throws loses its message only, and the error is logged', async () => {
  const { listen, told, redis, numbers, lines } = process();
  listen((n) => {
    if (n === 1) throw new TypeError('broken');
    told.add(n);
  });
  await told.count(1);
  await publish(redis, numbers, { n: 1 });
  await publish(redis, numbers, { n: 2 });
  expect(await told.count(2)).toEqual(['gap', 2]);
  expect(lines.items).toEqual([expect.objectContaining({ event: 'channel.receiver_failed' })]);
});

test('a closed listener receives nothing more and opens nothing, also if it is closed before its first opening', async () => {
  const { listen, told, redis, numbers, clock, meter } = process();
  const listener = listen();
  await told.count(1);
  listener.close();
  listen().close();
  // The end of a connection reaches Redis a moment later.
  while ((await publish(redis, numbers, { n: 1 })) > 0) await new Promise((resolve) => setImmediate(resolve));
  const before = meter.requests;
  clock.advance(10 * SILENCE_MS);
  await redis.ping();
  expect(meter.requests).toBe(before + 1);
  expect(told.items).toEqual(['gap']);
});

test('a message that a connection brings after the close reaches no receiver', async () => {
  const { listen, told, deliver } = process();
  const listener = listen();
  await told.count(1);
  deliver('{"n":1}');
  listener.close();
  deliver('{"n":2}');
  expect(told.items).toEqual(['gap', 1]);
  expect(listener.counts).toMatchObject({ received: 1 });
});
