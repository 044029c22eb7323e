/** Pub/sub over server-sent events, read by the SDK's own Subscriber and by a plain reader. */
import { Redis } from '@upstash/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRest, TOKEN } from '../../support/rest.ts';
import { call } from './rest-call.ts';

let server: Awaited<ReturnType<typeof startRest>>;
let redis: Redis;
beforeAll(async () => {
  server = await startRest('all');
  redis = new Redis({ url: server.rest.url, token: TOKEN, enableTelemetry: false });
});
afterAll(() => server.close());

interface Emitter {
  on(type: string, listener: (event: never) => void): void;
}

/** The next event of a type. */
function next<T>(subscriber: Emitter, type: string): Promise<T> {
  return new Promise((resolve) => subscriber.on(type, (event) => resolve(event as T)));
}

test('a channel: the subscription is confirmed, and messages keep commas, quotes and Unicode', async () => {
  const subscriber = redis.subscribe<{ text: string }>('news') as unknown as Emitter & { unsubscribe(): Promise<void> };
  expect(await next(subscriber, 'subscribe')).toBe(1);
  const message = next(subscriber, 'message');
  expect(await redis.publish('news', { text: 'a, "b", ü 👋' })).toBe(1);
  expect(await message).toEqual({ channel: 'news', message: { text: 'a, "b", ü 👋' } });
  await subscriber.unsubscribe();
});

test('a pattern: the event names the pattern and the channel', async () => {
  const subscriber = redis.psubscribe<string>('user:*') as unknown as Emitter & { unsubscribe(): Promise<void> };
  expect(await next(subscriber, 'psubscribe')).toBe(1);
  const message = next(subscriber, 'pmessage');
  await redis.publish('user:7', '"hi, there"');
  expect(await message).toEqual({ pattern: 'user:*', channel: 'user:7', message: 'hi, there' });
  await subscriber.unsubscribe();
});

test('the connection to Redis ends with the request', async () => {
  const reader = new AbortController();
  const response = await fetch(`${server.rest.url}/subscribe/leaving`, {
    headers: { authorization: `Bearer ${TOKEN}` },
    signal: reader.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const stream = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await stream?.read())?.value).toBe('data: subscribe,leaving,1\n\n');
  expect(await subscribers('leaving')).toBe(1);
  reader.abort();
  await expect.poll(() => subscribers('leaving')).toBe(0);
});

test('a subscription needs the token', async () => {
  expect((await fetch(`${server.rest.url}/subscribe/news`)).status).toBe(401);
});

async function subscribers(channel: string): Promise<unknown> {
  const { body } = await call(server.rest, '/', ['PUBSUB', 'NUMSUB', channel]);
  return (body as { result: [string, number] }).result[1];
}
