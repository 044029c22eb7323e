/** Deduplication: by id and by content, within a window. */
import { expect, test } from 'vitest';
import { MINUTE, useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

test('an id is remembered for ten minutes, answered with 202 and the first message', async () => {
  const publish = () =>
    bench.api(`/v2/publish/${bench.url}`, {
      method: 'POST',
      headers: { 'upstash-deduplication-id': 'job-1' },
    });
  const first = await publish();
  const { messageId } = (await first.json()) as { messageId: string };
  expect(first.status).toBe(201);
  await bench.qstash.clock.advance(10 * MINUTE - 1);
  const again = await publish();
  expect(again.status).toBe(202);
  expect(await again.json()).toEqual({ messageId, url: bench.url, deduplicated: true });
  await bench.qstash.clock.advance(1);
  expect((await publish()).status).toBe(201);
  await bench.qstash.clock.settle();
  expect(bench.delivered).toHaveLength(2);
});

test('the content may replace the id', async () => {
  const publish = (body: unknown) =>
    bench.client.publishJSON({ url: bench.url, body, contentBasedDeduplication: true });
  const first = await publish({ n: 1 });
  expect(await publish({ n: 1 })).toMatchObject({ messageId: first.messageId, deduplicated: true });
  expect((await publish({ n: 2 })).messageId).not.toBe(first.messageId);
});

test('a published message counts even if its delivery fails', async () => {
  bench.answers = [{ status: 500 }];
  const { messageId } = await bench.client.publish({ url: bench.url, deduplicationId: 'once', retries: 0 });
  await bench.qstash.clock.settle();
  expect(bench.qstash.state().counts.deadLetters).toBe(1);
  const again = await bench.client.publish({ url: bench.url, deduplicationId: 'once' });
  expect(again).toEqual({ messageId, url: bench.url, deduplicated: true });
  await bench.qstash.clock.settle();
  expect(bench.delivered).toHaveLength(1);
});

test('in a URL group every endpoint has its own deduplication', async () => {
  const [a, b] = [{ url: `${bench.url}/a` }, { url: `${bench.url}/b` }];
  await bench.client.urlGroups.addEndpoints({ name: 'group', endpoints: [a, b] });
  const publish = () => bench.client.publish({ urlGroup: 'group', deduplicationId: 'once' });
  const first = await publish();
  expect(await publish()).toEqual(first.map((message) => ({ ...message, deduplicated: true })));
  await bench.qstash.clock.settle();
  expect(bench.paths().sort()).toEqual(['/a', '/b']);
});

test('other headers or another content type make a different message', async () => {
  const publish = (headers: Record<string, string>) =>
    bench.client.publish({ url: bench.url, body: 'b', headers, contentBasedDeduplication: true });
  const ids = [
    await publish({}),
    await publish({ 'x-a': '1' }),
    await publish({ 'content-type': 'text/css' }),
    await publish({ 'x-a': '1' }),
  ].map(({ messageId }) => messageId);
  expect(new Set(ids).size).toBe(3);
  expect(ids[3]).toBe(ids[1]);
});
