/** Messages under way: shown fields, redacted fields, and cancelling. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { MINUTE, SECOND, useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

const publish = (path: string, more: Record<string, unknown> = {}) =>
  bench.client.publish({ url: `${bench.url}${path}`, delay: 60, ...more });
const states = async () => (await bench.client.logs()).logs.map(({ state }) => String(state));

test('a message shows its published settings', async () => {
  const now = bench.qstash.clock.now();
  const { messageId } = await publish('/hook', {
    body: 'b',
    method: 'PUT',
    retries: 2,
    retryDelay: '1000',
    headers: { 'x-a': '1' },
    label: ['l1', 'l2'],
    callback: `${bench.url}/callback`,
    failureCallback: `${bench.url}/failed`,
    flowControl: { key: 'k', rate: 5, period: '1m' },
  });
  expect(await bench.client.messages.get(messageId)).toMatchObject({
    messageId,
    url: `${bench.url}/hook`,
    method: 'PUT',
    header: { 'X-A': ['1'] },
    body: 'b',
    maxRetries: 2,
    retryDelayExpression: '1000',
    createdAt: now,
    notBefore: now + MINUTE,
    callback: `${bench.url}/callback`,
    failureCallback: `${bench.url}/failed`,
    callerIP: '127.0.0.1',
    label: 'l1',
    labels: ['l1', 'l2'],
    flowControlKey: 'k',
    rate: 5,
    period: 60,
  });
});

test('a binary body is shown in base64 and arrives unchanged', async () => {
  const bytes = Uint8Array.from([0xff, 0xfe, 0x00]);
  const { messageId } = await publish('/hook', { body: new Blob([bytes]) });
  expect(await bench.client.messages.get(messageId)).toMatchObject({ bodyBase64: '//4A' });
});

test('redacted fields are delivered but never shown', async () => {
  const sha = (text: string) => `REDACTED:${createHash('sha256').update(text).digest('hex')}`;
  bench.answerTo['/hook'] = { status: 500 };
  const { messageId } = await publish('/hook', {
    body: 'secret',
    headers: { authorization: 'Bearer s', 'x-a': '1' },
    redact: { body: true, header: ['Authorization'] },
    retries: 0,
  });
  const shown = { body: sha('secret'), header: { Authorization: [sha('Bearer s')], 'X-A': ['1'] } };
  expect(await bench.client.messages.get(messageId)).toMatchObject(shown);
  expect((await bench.client.logs()).logs).toMatchObject([shown]);
  await bench.qstash.clock.advance(MINUTE);
  expect((await bench.client.dlq.listMessages()).messages).toMatchObject([shown]);
  expect(JSON.stringify(bench.qstash.state())).not.toContain('Bearer s');
  expect(bench.last()).toMatchObject({ body: 'secret', headers: { authorization: 'Bearer s' } });
  await bench.client.dlq.retry({ all: true });
  await bench.qstash.clock.settle();
  expect(bench.delivered).toHaveLength(2);
  expect(bench.last()).toMatchObject({ body: 'secret', headers: { authorization: 'Bearer s' } });
});

test('all headers can be redacted', async () => {
  const { messageId } = await publish('/hook', { headers: { 'x-a': '1' }, redact: { header: true } });
  const { header } = await bench.client.messages.get(messageId);
  expect(header?.['X-A']).toEqual([expect.stringMatching(/^REDACTED:/)]);
});

test('cancelling is recorded immediately and takes effect at the next delivery time', async () => {
  const { messageId } = await publish('/hook');
  expect(await bench.client.messages.cancel(messageId)).toEqual({ cancelled: 1 });
  await expect(bench.client.messages.cancel(messageId)).rejects.toMatchObject({ status: 404 });
  expect(await states()).toEqual(['CANCEL_REQUESTED', 'CREATED']);
  await bench.qstash.clock.advance(MINUTE);
  expect(await states()).toEqual(['CANCELLED', 'CANCEL_REQUESTED', 'CREATED']);
  expect(bench.delivered).toEqual([]);
});

test('a retry can be cancelled', async () => {
  bench.answers = [{ status: 500 }];
  const { messageId } = await publish('/hook', { delay: 0 });
  await bench.qstash.clock.settle();
  await bench.client.messages.cancel(messageId);
  await bench.qstash.clock.advance(12 * SECOND);
  expect(bench.delivered).toHaveLength(1);
  expect((await states())[0]).toBe('CANCELLED');
});

test.each([
  [200, 'DELIVERED'],
  [500, 'CANCELLED'],
])('a cancelled message under way may still be answered: %i ends in %s', async (status, end) => {
  bench.answers = [{ status }];
  const release = bench.hold();
  const { messageId } = await publish('/hook', { delay: 0 });
  await bench.arrived(1);
  await bench.client.messages.cancel(messageId);
  release();
  await bench.qstash.clock.settle();
  await bench.qstash.clock.advance(12 * SECOND);
  expect((await states())[0]).toBe(end);
  expect(bench.delivered).toHaveLength(1);
});

test('messages are cancelled by id, by filter, or all', async () => {
  const ids: string[] = [];
  for (const n of [1, 2, 3, 4, 5, 6]) ids.push((await publish(`/${n}`, { label: n > 4 ? 'high' : 'low' })).messageId);
  const [first = '', second = ''] = ids;
  const { messages } = bench.client;
  expect(await messages.cancel([first, second, 'msg_unknown'])).toEqual({ cancelled: 2 });
  expect(await messages.cancel({ filter: { label: 'high', path: '/5' } })).toEqual({ cancelled: 1 });
  expect(await messages.cancel({ filter: { host: new URL(bench.url).host, label: ['x', 'high'] } })).toEqual({
    cancelled: 1,
  });
  expect(await messages.cancel({ filter: { callerIp: '10.0.0.1' } })).toEqual({ cancelled: 0 });
  expect(await messages.cancel({ all: true, count: 1 })).toEqual({ cancelled: 2 });
  expect(await messages.cancel({ all: true })).toEqual({ cancelled: 0 });
});

test.each(['labeel=x', 'responseStatus=500', 'label=x&url[]=y', 'messageid=m', 'Label=x', 'count=0', 'count=all'])(
  'a bulk cancel with %s is refused, and cancels nothing',
  async (query) => {
    await publish('/1', { label: 'x' });
    const response = await bench.api(`/v2/messages?${query}`, { method: 'DELETE' });
    expect(response.status).toBe(400);
    expect(bench.qstash.state().messages).toMatchObject([{ cancelRequested: false }]);
  },
);

test('the refusal of a filter names it and the known filters', async () => {
  const response = await bench.api('/v2/messages?labeel=x', { method: 'DELETE' });
  expect(await response.json()).toEqual({
    error: expect.stringMatching(
      /^labeel is not a filter of this list; its filters are .*url, host, .*label, .*toDate$/,
    ),
  });
});

test('a bulk cancel ignores its count, as the SDK declares: one request cancels all matching messages', async () => {
  const { client } = bench;
  await client.batch(Array.from({ length: 150 }, (_, n) => ({ url: `${bench.url}/${n}`, delay: 60, label: 'many' })));
  await publish('/other');
  // Without a count the SDK sends 100.
  expect(await client.messages.cancel({ filter: { label: 'many' } })).toEqual({ cancelled: 150 });
  await publish('/another');
  expect(await client.messages.cancel({ all: true, count: 1 })).toEqual({ cancelled: 2 });
});
