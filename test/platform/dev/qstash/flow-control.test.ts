/** Flow control: parallelism, rate and period; waiting messages and their release. */
import { expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND, useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

type Limits = { parallelism?: number; rate?: number; period?: '1m' | '10s' };
const publish = (path: string, limits: Limits, more: Record<string, unknown> = {}) => {
  const flowControl = { key: 'k', ...limits } as { key: string; rate: number };
  return bench.client.publish({ url: `${bench.url}${path}`, flowControl, ...more });
};
const flow = () => bench.client.flowControl.get('k');

test('at most `parallelism` messages are under way at once, over all URLs of the key', async () => {
  const release = bench.hold();
  for (const path of ['/1', '/2', '/3', '/4', '/5']) await publish(path, { parallelism: 2 });
  await bench.arrived(2);
  expect(await flow()).toMatchObject({ parallelismMax: 2, parallelismCount: 2, waitListSize: 3, rateMax: 0 });
  // Two parallel requests may arrive in either order.
  expect(bench.paths().toSorted()).toEqual(['/1', '/2']);
  release();
  await bench.qstash.clock.settle();
  expect(bench.delivered).toHaveLength(5);
  expect(await flow()).toMatchObject({ parallelismCount: 0, waitListSize: 0 });
});

test('at most `rate` messages start per period; the rest waits and is not dropped', async () => {
  for (let n = 0; n < 7; n++) await publish('/', { rate: 3, period: '1m' });
  await bench.qstash.clock.settle();
  expect(bench.delivered).toHaveLength(3);
  expect(await flow()).toMatchObject({ rateMax: 3, rateCount: 3, ratePeriod: 60, waitListSize: 4 });
  await bench.qstash.clock.advance(MINUTE - 1);
  expect(bench.delivered).toHaveLength(3);
  await bench.qstash.clock.advance(1);
  expect(bench.delivered).toHaveLength(6);
  await bench.qstash.clock.advance(MINUTE);
  expect(bench.delivered).toHaveLength(7);
});

test('the default period is a second', async () => {
  for (let n = 0; n < 3; n++) await publish('/', { rate: 1 });
  await bench.qstash.clock.advance(SECOND);
  expect(bench.delivered).toHaveLength(2);
  await bench.qstash.clock.advance(SECOND);
  expect(bench.delivered).toHaveLength(3);
});

test('a retry counts against the rate', async () => {
  bench.answers = [{ status: 500 }];
  await publish('/retried', { rate: 2, period: '1m' }, { retryDelay: '1000' });
  await bench.qstash.clock.advance(SECOND);
  await publish('/late', { rate: 2, period: '1m' });
  await bench.qstash.clock.settle();
  expect(bench.paths()).toEqual(['/retried', '/retried']);
  await bench.qstash.clock.advance(MINUTE);
  expect(bench.paths()).toEqual(['/retried', '/retried', '/late']);
});

test('a message that waits for its retry does not occupy a place', async () => {
  bench.answers = [{ status: 500 }];
  await publish('/bad', { parallelism: 1 });
  await publish('/good', { parallelism: 1 });
  await bench.qstash.clock.settle();
  expect(bench.paths()).toEqual(['/bad', '/good']);
});

test('the newest message sets the limits', async () => {
  for (let n = 0; n < 3; n++) await publish('/', { rate: 1, period: '1m' });
  await publish('/', { rate: 3, period: '1m' });
  await bench.qstash.clock.settle();
  expect(bench.delivered).toHaveLength(3);
  expect(await flow()).toMatchObject({ rateMax: 3 });
});

test('pinned limits override those of messages, until a message after unpinning', async () => {
  await publish('/', { rate: 1, period: '1m' });
  await bench.qstash.clock.settle();
  await bench.client.flowControl.pin('k', { parallelism: 4, rate: 2, period: 10 });
  expect(await flow()).toMatchObject({
    parallelismMax: 4,
    rateMax: 2,
    ratePeriod: 10,
    rateCount: 0,
    isPinnedParallelism: true,
    isPinnedRate: true,
  });
  for (let n = 0; n < 4; n++) await publish('/', { rate: 9 });
  await bench.qstash.clock.settle();
  expect(bench.delivered).toHaveLength(3);
  await bench.client.flowControl.unpin('k', { parallelism: true, rate: true });
  expect(await flow()).toMatchObject({ rateMax: 2, isPinnedParallelism: false, isPinnedRate: false });
  await publish('/', { rate: 9, period: '10s' });
  await bench.qstash.clock.settle();
  expect(bench.delivered).toHaveLength(6);
  expect(await flow()).toMatchObject({ rateMax: 9, parallelismMax: 0 });
});

test('a paused key collects messages, and its period goes on', async () => {
  await bench.client.flowControl.pause('k');
  for (let n = 0; n < 3; n++) await publish('/', { rate: 2, period: '1m' });
  await bench.qstash.clock.advance(HOUR);
  expect(bench.delivered).toEqual([]);
  expect(await flow()).toMatchObject({ isPaused: true, waitListSize: 3 });
  await bench.client.flowControl.resume('k');
  await bench.qstash.clock.settle();
  expect(bench.delivered).toHaveLength(2);
  await bench.qstash.clock.advance(MINUTE);
  expect(bench.delivered).toHaveLength(3);
});

test('resetting the rate begins a new period immediately', async () => {
  for (let n = 0; n < 2; n++) await publish('/', { rate: 1, period: '1m' });
  await bench.qstash.clock.advance(30 * SECOND);
  expect(bench.delivered).toHaveLength(1);
  await bench.client.flowControl.resetRate('k');
  await bench.qstash.clock.settle();
  expect(bench.delivered).toHaveLength(2);
  await publish('/', { rate: 1, period: '1m' });
  await bench.qstash.clock.advance(MINUTE - 1);
  expect(bench.delivered).toHaveLength(2);
  await bench.qstash.clock.advance(1);
  expect(bench.delivered).toHaveLength(3);
});

test('a cancelled message leaves the waitlist without using the rate', async () => {
  const ids: string[] = [];
  for (const path of ['/1', '/2', '/3']) ids.push((await publish(path, { rate: 1, period: '1m' })).messageId);
  await bench.qstash.clock.settle();
  await bench.client.messages.cancel(ids[1] ?? '');
  expect(await flow()).toMatchObject({ waitListSize: 1 });
  await bench.qstash.clock.advance(MINUTE);
  expect(bench.paths()).toEqual(['/1', '/3']);
});

test('keys can be listed and searched', async () => {
  for (const key of ['user/1', 'user/2', 'other']) {
    await bench.client.publish({ url: bench.url, flowControl: { key, parallelism: 1 } });
  }
  const keys = async (query: string) =>
    ((await (await bench.api(`/v2/flowControl${query}`)).json()) as { flowControlKey: string }[]).map(
      (found) => found.flowControlKey,
    );
  expect(await keys('')).toEqual(['user/1', 'user/2', 'other']);
  expect(await keys('?search=user')).toEqual(['user/1', 'user/2']);
  expect(await (await bench.api('/v2/flowControl/user%2F1')).json()).toMatchObject({ flowControlKey: 'user/1' });
  expect((await bench.api('/v2/flowControl/unknown')).status).toBe(404);
  expect((await bench.api('/v2/flowControl/k/pin?rate=0', { method: 'POST' })).status).toBe(400);
  expect((await bench.api('/v2/flowControl/k/pin', { method: 'POST' })).status).toBe(400);
});

test('very many idle keys are dropped; keys in use are not, and a late message creates its key again', {
  timeout: 60_000,
}, async () => {
  const keys = async () =>
    ((await (await bench.api('/v2/flowControl')).json()) as { flowControlKey: string }[]).map(
      (key) => key.flowControlKey,
    );
  const publishTo = (key: string, parallelism: number, delay = 0) =>
    bench.client.publish({ url: bench.url, delay, flowControl: { key, parallelism } });
  await bench.client.flowControl.pause('held');
  await publishTo('late', 7, 60);
  const flowControl = (n: number) => ({ key: `user-${n}`, parallelism: 1 });
  await bench.client.batch(Array.from({ length: 998 }, (_, n) => ({ url: bench.url, flowControl: flowControl(n) })));
  await bench.qstash.clock.advance(SECOND);
  expect(await keys()).toHaveLength(1_000);
  await publishTo('one more', 1);
  expect(await keys()).toEqual(['held', 'one more']);
  await bench.qstash.clock.advance(MINUTE);
  expect(await bench.client.flowControl.get('late')).toMatchObject({ parallelismMax: 7 });
});

test('all messages together have a limit of parallelism too', async () => {
  const release = bench.hold();
  await bench.client.batch(Array.from({ length: 130 }, () => ({ url: bench.url })));
  await bench.arrived(100);
  expect(await bench.client.flowControl.getGlobalParallelism()).toEqual({ parallelismMax: 100, parallelismCount: 100 });
  expect(bench.qstash.state().counts).toMatchObject({ sending: 100, waitingToSend: 30 });
  release();
  await bench.qstash.clock.settle();
  expect(bench.delivered).toHaveLength(130);
  expect(await bench.client.flowControl.getGlobalParallelism()).toMatchObject({ parallelismCount: 0 });
});
