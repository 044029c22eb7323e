/** Faults of QStash and the network, on demand. */
import { describe, expect, test, vi } from 'vitest';
import type { FaultPlan } from '../../../../dev/qstash/faults.ts';
import { seededRandom } from '../../../../dev/random/seeded.ts';
import { MINUTE, SECOND, TOKEN, useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

const publish = (path: string, more: Record<string, unknown> = {}) =>
  bench.client.publish({ url: `${bench.url}${path}`, ...more });
const attempts = () => bench.delivered.map(({ headers }) => headers['upstash-retried']);
const messageIds = () => bench.delivered.map(({ headers }) => headers['upstash-message-id']);
const states = async () => (await bench.client.logs()).logs.map(({ state }) => state).reverse();

describe('of delivery', () => {
  test('duplicateDelivery: the same attempt arrives twice at the same time', async () => {
    bench.qstash.faults.set({ duplicateDelivery: { times: 1 } });
    const release = bench.hold();
    const { messageId } = await publish('/1');
    await bench.arrived(2);
    release();
    await publish('/2');
    await bench.qstash.clock.settle();
    expect(bench.paths()).toEqual(['/1', '/1', '/2']);
    expect(messageIds().slice(0, 2)).toEqual([messageId, messageId]);
    expect(attempts()).toEqual(['0', '0', '0']);
  });

  test('deliveryAfterSuccess: QStash loses a success and repeats the same attempt', async () => {
    bench.qstash.faults.set({ deliveryAfterSuccess: { times: 1, ms: MINUTE } });
    const { messageId } = await publish('/1');
    await bench.qstash.clock.advance(MINUTE - 1);
    expect(bench.delivered).toHaveLength(1);
    await bench.qstash.clock.advance(1);
    expect(messageIds()).toEqual([messageId, messageId]);
    expect(attempts()).toEqual(['0', '0']);
    expect(await states()).toEqual(['CREATED', 'ACTIVE', 'ACTIVE', 'DELIVERED']);
  });

  test('dropResponse: the endpoint has done its work, and QStash retries', async () => {
    bench.qstash.faults.set({ dropResponse: { times: 1 } });
    await publish('/1');
    await bench.qstash.clock.advance(12 * SECOND);
    expect(attempts()).toEqual(['0', '1']);
    expect((await bench.client.logs({ filter: { state: 'ERROR' } })).logs).toMatchObject([
      { responseStatus: 0, error: 'the answer was lost' },
    ]);
  });

  test('slowResponse: the answer is late, and the request keeps its place meanwhile', async () => {
    bench.qstash.faults.set({ slowResponse: { times: 1, ms: 20 * SECOND } });
    const queue = bench.client.queue({ queueName: 'q' });
    await queue.enqueue({ url: `${bench.url}/slow` });
    await queue.enqueue({ url: `${bench.url}/next` });
    await bench.qstash.clock.advance(20 * SECOND - 1);
    expect(bench.paths()).toEqual(['/slow']);
    await bench.qstash.clock.advance(1);
    expect(bench.paths()).toEqual(['/slow', '/next']);
  });

  test('slowResponse: an answer after the time limit of the message is a failure', async () => {
    bench.qstash.faults.set({ slowResponse: { times: 1, ms: 20 * SECOND } });
    await publish('/slow', { timeout: 10, retries: 0 });
    await bench.qstash.clock.advance(10 * SECOND);
    expect((await bench.client.dlq.listMessages()).messages).toMatchObject([
      { responseStatus: 0, responseBody: 'timed out after 10 s' },
    ]);
  });

  test('delay: the attempt starts late', async () => {
    bench.qstash.faults.set({ delay: { times: 1, ms: MINUTE } });
    await publish('/1');
    await publish('/2');
    await bench.qstash.clock.advance(MINUTE - 1);
    expect(bench.paths()).toEqual(['/2']);
    await bench.qstash.clock.advance(1);
    expect(bench.paths()).toEqual(['/2', '/1']);
  });

  test('reorder: the next message goes ahead, even in a queue', async () => {
    bench.qstash.faults.set({ reorder: { times: 1 } });
    const queue = bench.client.queue({ queueName: 'q' });
    for (const path of ['/1', '/2', '/3']) await queue.enqueue({ url: `${bench.url}${path}` });
    await bench.qstash.clock.settle();
    expect(bench.paths()).toEqual(['/2', '/1', '/3']);
  });

  test('reorder: without a next message, the message is delivered after a while', async () => {
    bench.qstash.faults.set({ reorder: { times: 1, ms: 5 * SECOND } });
    await publish('/1');
    await bench.qstash.clock.advance(5 * SECOND - 1);
    expect(bench.delivered).toEqual([]);
    await bench.qstash.clock.advance(1);
    expect(bench.paths()).toEqual(['/1']);
  });

  test('clockSkew: the signature has another time', async () => {
    const verify = (clockTolerance = 0) => {
      const { headers, body } = bench.last();
      return bench.receiver.verify({ signature: String(headers['upstash-signature']), body, clockTolerance });
    };
    bench.qstash.faults.set({ clockSkew: { ms: -10 * MINUTE } });
    await publish('/1');
    await bench.qstash.clock.settle();
    await expect(verify()).rejects.toThrow();
    expect(await verify(600)).toBe(true);
    bench.qstash.faults.clear();
    await publish('/2');
    await bench.qstash.clock.settle();
    expect(await verify()).toBe(true);
  });
});

describe('of publishing', () => {
  test('publishErrorAfterAccept: the caller gets an error, but the message is delivered', async () => {
    bench.qstash.faults.set({ publishErrorAfterAccept: { times: 1 } });
    await expect(publish('/1')).rejects.toMatchObject({ status: 500 });
    await bench.qstash.clock.settle();
    expect(bench.paths()).toEqual(['/1']);
  });

  test('publishErrorAfterAccept with status 0: the connection is cut, and a retry publishes twice', async () => {
    bench.qstash.faults.set({ publishErrorAfterAccept: { times: 1, status: 0 } });
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { Client } = await import('@upstash/qstash');
    const retrying = new Client({ baseUrl: bench.qstash.url, token: TOKEN, retry: { retries: 1, backoff: () => 0 } });
    await retrying.publish({ url: `${bench.url}/1` });
    await bench.qstash.clock.settle();
    expect(bench.paths()).toEqual(['/1', '/1']);
    expect(new Set(messageIds()).size).toBe(2);
    warn.mockRestore();
  });

  test('publishOutage: no way of publishing is accepted', async () => {
    bench.qstash.faults.set({ publishOutage: {} });
    const { client } = bench;
    await expect(publish('/1')).rejects.toMatchObject({ status: 503 });
    await expect(client.queue({ queueName: 'q' }).enqueue({ url: bench.url })).rejects.toMatchObject({ status: 503 });
    await expect(client.batch([{ url: bench.url }])).rejects.toMatchObject({ status: 503 });
    bench.qstash.faults.clear();
    await publish('/2');
    await bench.qstash.clock.settle();
    expect(bench.paths()).toEqual(['/2']);
  });

  test('publishOutage can have the status of a reached limit', async () => {
    const headers = { 'RateLimit-Limit': '1000', 'RateLimit-Remaining': '0', 'RateLimit-Reset': '1' };
    bench.qstash.faults.set({ publishOutage: { times: 1, status: 429, headers } });
    await expect(publish('/1')).rejects.toMatchObject({ name: 'QstashDailyRatelimitError', limit: '1000' });
  });
});

describe('are limited', () => {
  test('to a number of times and to URLs', async () => {
    bench.qstash.faults.set({ dropResponse: { times: 2, url: `${bench.url}/a` } });
    for (const path of ['/a1', '/b1', '/a2', '/a3']) await publish(path, { retries: 0 });
    await bench.qstash.clock.settle();
    const { messages } = await bench.client.dlq.listMessages();
    expect(messages).toHaveLength(2);
    for (const { url } of messages) expect(url).toContain('/a');
    expect(bench.qstash.faults.plan()).toEqual({});
  });

  test('by a probability whose draws are the same for the same seed', async () => {
    const plan: FaultPlan = { publishOutage: { probability: 0.5 } };
    async function outcomes(): Promise<boolean[]> {
      bench.qstash.faults.set(plan, 7);
      const results: boolean[] = [];
      for (let n = 0; n < 20; n++)
        results.push(
          await publish('/1').then(
            () => true,
            () => false,
          ),
        );
      return results;
    }
    const first = await outcomes();
    expect(await outcomes()).toEqual(first);
    const random = seededRandom(7);
    expect(first).toEqual(Array.from({ length: 20 }, () => random() >= 0.5));
    expect(new Set(first).size).toBe(2);
  });
});

describe('over HTTP', () => {
  const put = (body: unknown) => bench.api('/_emulator/faults', { method: 'PUT', body: JSON.stringify(body) });

  test('they are set, shown with their remaining times, and cleared', async () => {
    expect((await put({ seed: 3, dropResponse: { times: 2 } })).status).toBe(200);
    await publish('/1', { retries: 0 });
    await bench.qstash.clock.settle();
    expect(await (await bench.api('/_emulator/faults')).json()).toEqual({ dropResponse: { times: 1 } });
    await bench.api('/_emulator/faults', { method: 'DELETE' });
    expect(bench.qstash.faults.plan()).toEqual({});
  });

  test.each([
    [{ unknownFault: {} }],
    [{ delay: { times: 0 } }],
    [{ delay: { probability: 2 } }],
    [{ seed: 'x' }],
    ['x'],
  ])('%j is refused, and changes nothing', async (body) => {
    bench.qstash.faults.set({ reorder: {} });
    expect((await put(body)).status).toBe(400);
    expect(bench.qstash.faults.plan()).toEqual({ reorder: {} });
  });
});
