/** Retries: their times, their end, and their outcome. */
import { expect, test } from 'vitest';
import { MINUTE, useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

async function deadLetters(): Promise<{ messageId: string; responseStatus?: number; responseBody?: string }[]> {
  return (await bench.client.dlq.listMessages()).messages;
}

const attempts = () => bench.delivered.map(({ headers }) => headers['upstash-retried']);

test('come after 12 s, 148 s and 30m8s, then the message is dead', async () => {
  bench.answers = [{ status: 500 }, { status: 503 }, { status: 404 }, { status: 500, body: 'still broken' }];
  const { messageId } = await bench.client.publish({ url: bench.url, body: 'b' });
  await bench.qstash.clock.settle();
  for (const [seconds, before] of [
    [12, 1],
    [148, 2],
    [1_808, 3],
  ] as const) {
    await bench.qstash.clock.advance(seconds * 1_000 - 1);
    expect(attempts()).toHaveLength(before);
    await bench.qstash.clock.advance(1);
    expect(attempts()).toHaveLength(before + 1);
  }
  expect(attempts()).toEqual(['0', '1', '2', '3']);
  expect(new Set(bench.delivered.map(({ headers }) => headers['upstash-message-id']))).toEqual(new Set([messageId]));
  expect(await deadLetters()).toMatchObject([{ messageId, responseStatus: 500, responseBody: 'still broken' }]);
  await bench.qstash.clock.advance(100 * 60 * MINUTE);
  expect(attempts()).toHaveLength(4);
});

test('end with the first success', async () => {
  bench.answers = [{ status: 500 }, { status: 204 }];
  await bench.client.publish({ url: bench.url });
  await bench.qstash.clock.advance(100 * 60 * MINUTE);
  expect(attempts()).toEqual(['0', '1']);
  expect(await deadLetters()).toEqual([]);
});

test('can be switched off', async () => {
  bench.answers = [{ status: 500 }];
  await bench.client.publish({ url: bench.url, retries: 0 });
  await bench.qstash.clock.advance(100 * 60 * MINUTE);
  expect(attempts()).toEqual(['0']);
  expect(await deadLetters()).toHaveLength(1);
});

test('do not follow a 489 with the header that forbids them', async () => {
  bench.answers = [{ status: 489, headers: { 'upstash-nonretryable-error': 'true' } }, { status: 489 }];
  await bench.client.publish({ url: bench.url });
  await bench.qstash.clock.settle();
  expect(await deadLetters()).toMatchObject([{ responseStatus: 489 }]);
  await bench.client.publish({ url: bench.url });
  await bench.qstash.clock.advance(12_000);
  expect(attempts()).toEqual(['0', '0', '1']);
});

test.each<[form: string, headers: (now: number) => Record<string, string>]>([
  ['seconds', () => ({ 'retry-after': '30' })],
  ['a date', (now) => ({ 'retry-after': new Date(now + 30_000).toUTCString() })],
  ['a Go duration', () => ({ 'x-ratelimit-reset-requests': '29s900ms100000us' })],
])('come at the time that the destination gives: %s', async (_form, headersAt) => {
  bench.answers = [{ status: 429, headers: headersAt(bench.qstash.clock.now()) }];
  await bench.client.publish({ url: bench.url });
  await bench.qstash.clock.settle();
  await bench.qstash.clock.advance(28_000);
  expect(attempts()).toEqual(['0']);
  await bench.qstash.clock.advance(2_000);
  expect(attempts()).toEqual(['0', '1']);
});

test('cannot be delayed by more than a day by the destination', async () => {
  bench.answers = [{ status: 429, headers: { 'retry-after': '86401' } }];
  await bench.client.publish({ url: bench.url });
  await bench.qstash.clock.advance(12_000);
  expect(attempts()).toEqual(['0', '1']);
});

test('follow an expression, which starts at retried = 0', async () => {
  bench.answers = [{ status: 500 }, { status: 500 }];
  await bench.client.publish({ url: bench.url, retryDelay: 'min(10000, pow(2, retried) * (1000 + 500)) - 0.5 * 2' });
  await bench.qstash.clock.advance(1_499);
  expect(attempts()).toEqual(['0', '1']);
  await bench.qstash.clock.advance(2_998);
  expect(attempts()).toEqual(['0', '1']);
  await bench.qstash.clock.advance(1);
  expect(attempts()).toEqual(['0', '1', '2']);
});

test('also follow an unreachable destination', async () => {
  await bench.client.publish({ url: 'http://127.0.0.1:1/', retries: 1 });
  await bench.qstash.clock.advance(12_000);
  expect(await deadLetters()).toMatchObject([{ responseStatus: 0 }]);
});

test('follow the default when the expression no longer has a value', async () => {
  bench.answers = [{ status: 500 }, { status: 500 }];
  await bench.client.publish({ url: bench.url, retryDelay: '1000 / (1 - retried)' });
  await bench.qstash.clock.advance(1_000);
  expect(attempts()).toEqual(['0', '1']);
  await bench.qstash.clock.advance(148_000);
  expect(attempts()).toEqual(['0', '1', '2']);
});

test('ignore a negative Retry-After', async () => {
  bench.answers = [{ status: 503, headers: { 'retry-after': '-5' } }];
  await bench.client.publish({ url: bench.url });
  await bench.qstash.clock.advance(11_999);
  expect(attempts()).toEqual(['0']);
  await bench.qstash.clock.advance(1);
  expect(attempts()).toEqual(['0', '1']);
});
