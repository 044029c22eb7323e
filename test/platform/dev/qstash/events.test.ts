/** The log: the states of a message in order, filters, pages, and its bound. */
import type { State } from '@upstash/qstash';
import { expect, test } from 'vitest';
import { MINUTE, SECOND, useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

test('a message that fails once and then succeeds passes through these states', async () => {
  const now = bench.qstash.clock.now();
  bench.answers = [{ status: 500, body: 'oops', headers: { 'x-why': 'tired' } }];
  const { messageId } = await bench.client.publish({ url: `${bench.url}/hook`, body: 'b', timeout: 30 });
  await bench.qstash.clock.advance(12 * SECOND);
  const { logs } = await bench.client.logs();
  expect(logs.map(({ state }) => state)).toEqual(['DELIVERED', 'ACTIVE', 'RETRY', 'ERROR', 'ACTIVE', 'CREATED']);
  expect(logs[3]).toMatchObject({
    time: now,
    messageId,
    url: `${bench.url}/hook`,
    method: 'POST',
    body: btoa('b'),
    timeout: 30_000,
    maxRetries: 3,
    error: 'status code 500',
    responseStatus: 500,
    responseBody: btoa('oops'),
    responseHeaders: { 'X-Why': ['tired'] },
    nextDeliveryTime: now + 12 * SECOND,
  });
});

test('both paths answer with both keys', async () => {
  await bench.client.publish({ url: bench.url, delay: 60 });
  for (const path of ['/v2/events', '/v2/logs']) {
    const { events, logs } = (await (await bench.api(path)).json()) as { events: unknown[]; logs: unknown[] };
    expect(events).toMatchObject([{ state: 'CREATED' }]);
    expect(logs).toEqual(events);
  }
});

test('IN_PROGRESS means three states, and CANCELED has either spelling', async () => {
  bench.answers = [{ status: 500 }];
  await bench.client.publish({ url: bench.url });
  await bench.client.publish({ url: bench.url, delay: 60 });
  await bench.client.messages.cancel({ all: true });
  await bench.qstash.clock.advance(MINUTE);
  const states = async (state: State) => (await bench.client.logs({ filter: { state } })).logs.map((log) => log.state);
  expect(new Set(await states('IN_PROGRESS'))).toEqual(new Set(['ACTIVE', 'ERROR', 'RETRY']));
  expect(await states('CREATED')).toHaveLength(2);
  expect(await states('CANCELED')).toEqual(['CANCELLED', 'CANCELLED']);
});

test('filters: by id, label, URL, time', async () => {
  const start = bench.qstash.clock.now();
  const { messageId } = await bench.client.publish({ url: `${bench.url}/1`, label: 'l' });
  await bench.qstash.clock.advance(MINUTE);
  await bench.client.publish({ url: `${bench.url}/2` });
  await bench.qstash.clock.settle();
  const count = async (options: Parameters<typeof bench.client.logs>[0]) =>
    (await bench.client.logs(options)).logs.length;
  expect(await count({ messageIds: [messageId] })).toBe(3);
  expect(await count({ filter: { label: 'l' } })).toBe(3);
  expect(await count({ filter: { url: `${bench.url}/2` } })).toBe(3);
  expect(await count({ filter: { path: ['/1', '/2'] } })).toBe(6);
  expect(await count({ filter: { toDate: start } })).toBe(3);
  expect(await count({ filter: { fromDate: start + 1 } })).toBe(3);
});

test('pages follow each other without gaps or repeats', async () => {
  for (let n = 0; n < 4; n++) await bench.client.publish({ url: bench.url });
  await bench.qstash.clock.settle();
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await bench.client.logs({ count: 5, ...(cursor !== undefined && { cursor }) });
    seen.push(...page.logs.map(({ messageId, state }) => `${messageId} ${state}`));
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(seen).toHaveLength(12);
  expect(new Set(seen).size).toBe(12);
  expect((await bench.api('/v2/logs?cursor=x')).status).toBe(400);
});

test('the log keeps the newest ten thousand entries', async () => {
  const batch = Array.from({ length: 1_000 }, () => ({ url: bench.url, delay: 60 }));
  for (let n = 0; n < 12; n++) await bench.client.batch(batch);
  const { messageId } = await bench.client.publish({ url: `${bench.url}/last`, delay: 60 });
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await bench.client.logs(cursor === undefined ? {} : { cursor });
    if (count === 0) expect(page.logs[0]?.messageId).toBe(messageId);
    count += page.logs.length;
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(count).toBe(10_000);
});
