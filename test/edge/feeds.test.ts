/**
 * Live updates on each platform: the Worker holds the connection, and a Lambda answers the same frames at once. The built
 * client reads them in another Worker.
 */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runClientInWorkerd } from '../support/client-worker.ts';
import { startHosts } from '../support/hosts.ts';
import { readFrames } from '../support/sse.ts';
import { createTenant, type OwnTenant } from '../support/tenant.ts';
import { startTestWorker, type TestWorker } from '../support/worker.ts';

/** A Worker that checks its connections soon. */
const QUICK_CHECKS = { FEEDS_CHECK_MS: '200', FEEDS_HEARTBEAT_MS: '200' };

let tenant: OwnTenant;
let worker: TestWorker;
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  worker = await startTestWorker(inject('cloud'), QUICK_CHECKS);
});
afterAll(() => worker.close());

const authorization = () => `Bearer ${tenant.keys.all}`;

/** Connects to the Worker over a socket of its own, because such an answer does not end. */
async function connect(topics: string, headers: Record<string, string> = {}) {
  const left = new AbortController();
  const response = await fetch(new URL(`/feeds?topics=${topics}`, await worker.url()), {
    headers: { authorization: authorization(), ...headers },
    signal: left.signal,
  });
  expect(response.status).toBe(200);
  return { ...readFrames(response), leave: () => left.abort() };
}

async function createDeal(title: string): Promise<string> {
  const headers = { authorization: authorization(), 'content-type': 'application/json' };
  const response = await worker.fetch('/deals', {
    method: 'POST',
    headers,
    body: JSON.stringify({ title, value: '1' }),
  });
  return ((await response.json()) as { id: string }).id;
}

const closedConnections = () => worker.lines.filter((line) => line.includes('"feeds.closed"'));

test('the Worker sends events and heartbeats, and ends the connection of a browser that leaves', async () => {
  const before = closedConnections().length;
  const reader = await connect('deals');
  expect(await reader.event()).toMatchObject({ event: 'hello', data: { mode: 'stream', resumed: false } });
  const id = await createDeal('One');
  expect(await reader.event()).toMatchObject({ event: 'deals', data: { type: 'deal.created', id } });
  expect(await reader.next()).toEqual({ id: expect.stringMatching(/^deals@/) });
  reader.leave();
  await expect.poll(() => closedConnections().length).toBe(before + 1);
  expect(closedConnections().at(-1)).toContain('"reason":"left"');
  expect(worker.lines.join('\n')).not.toContain('response.broken');
});

test('a Lambda answers the events after the cursor of the Worker at once, and ends', async () => {
  const hosts = await startHosts({ variables: {} });
  const reader = await connect('deals');
  const hello = await reader.event();
  reader.leave();
  const id = await createDeal('Two');
  const headers = { 'last-event-id': hello?.id ?? '' };
  const { status, body } = await hosts.lambda.send({ path: '/feeds?topics=deals', key: tenant.keys.all, headers });
  expect(status).toBe(200);
  const frames = await readFrames(new Response(String(body))).rest();
  expect(frames.map(({ event }) => event)).toEqual(['hello', 'deals']);
  expect(JSON.parse(frames[0]?.data ?? '')).toMatchObject({ mode: 'poll', resumed: true });
  expect(JSON.parse(frames[1]?.data ?? '')).toMatchObject({ type: 'deal.created', id });
  // The Worker resumes after the cursor of the Lambda.
  const again = await connect('deals', { 'last-event-id': frames[1]?.id ?? '' });
  expect(await again.event()).toMatchObject({ event: 'hello', data: { resumed: true } });
  const third = await createDeal('Three');
  expect(await again.event()).toMatchObject({ data: { id: third } });
  again.leave();
  await Promise.all([hosts.lambda.close(), hosts.node.close(), hosts.worker.close()]);
});

test('the built client in another Worker lists all pages, gets a typed error, and hears of its own deal', async () => {
  const own = await createTenant(inject('cloud').postgres.url);
  const headers = { authorization: `Bearer ${own.keys.all}`, 'content-type': 'application/json' };
  for (const title of ['A', 'B', 'C']) {
    await worker.fetch('/deals', { method: 'POST', headers, body: JSON.stringify({ title, value: '1' }) });
  }
  const { listed, refused, events } = await runClientInWorkerd(await worker.url(), own.keys.all);
  expect(listed.toSorted()).toEqual(['A', 'B', 'C']);
  expect(refused).toEqual({
    ...{ isTyped: true, status: 400, code: 'VALIDATION_FAILED', operation: 'deals.create' },
    ...{ fields: { title: 'must not be empty' }, requestId: expect.stringMatching(/./) },
  });
  expect(events).toEqual(['reset', 'deal.created']);
});
