/** Workflows are refused at their start with a clear message, and no part of them is delivered. */
import { serve } from '@upstash/qstash/workflow';
import { afterEach, expect, test, vi } from 'vitest';
import { useQstash } from '../../../support/qstash.ts';

const bench = useQstash();
const SENTENCE = 'Workflows are not emulated: docs/qstash-emulator.md lists the omissions';
afterEach(() => vi.restoreAllMocks());

test('a workflow of the SDK fails its first call with that message', async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  const steps: string[] = [];
  const endpoint = serve(
    async (context) => {
      await context.run('first', () => steps.push('first'));
    },
    { qstashClient: bench.client, receiver: undefined, url: `${bench.url}/workflow` },
  );
  const response = await endpoint(new Request(`${bench.url}/workflow`, { method: 'POST', body: '{}' }));
  expect(response.status).toBe(500);
  expect(await response.text()).toContain(SENTENCE);
  await bench.qstash.clock.settle();
  expect([steps, bench.delivered]).toEqual([[], []]);
});

const headers = { 'Upstash-Workflow-Init': 'false', 'Upstash-Workflow-RunId': 'wfr_1' };
const REQUESTS: [name: string, path: () => string, init: RequestInit][] = [
  ['publish', () => `/v2/publish/${bench.url}/hook`, { method: 'POST', headers }],
  ['enqueue', () => `/v2/enqueue/q/${bench.url}/hook`, { method: 'POST', headers }],
  [
    'publish with a callback that is a step',
    () => `/v2/publish/${bench.url}/hook`,
    {
      method: 'POST',
      headers: { 'Upstash-Callback': 'http://127.0.0.1/step', 'Upstash-Callback-Workflow-RunId': 'wfr_1' },
    },
  ],
  ['the end of a run', () => '/v2/workflows/runs/wfr_1?cancel=false', { method: 'DELETE' }],
  ['a notification', () => '/v2/notify/event', { method: 'POST' }],
];

test.each(REQUESTS)('%s is refused', async (_name, path, init) => {
  const response = await bench.api(path(), init);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: SENTENCE });
  await bench.qstash.clock.settle();
  expect(bench.delivered).toEqual([]);
});

test('a batch with a step is refused as a whole', async () => {
  const items = [{ destination: `${bench.url}/1` }, { destination: `${bench.url}/2`, headers }];
  const response = await bench.api('/v2/batch', { method: 'POST', body: JSON.stringify(items) });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: SENTENCE });
  await bench.qstash.clock.settle();
  expect(bench.delivered).toEqual([]);
});

test('a forwarded header about workflows does not make a message a workflow step', async () => {
  await bench.client.publish({ url: `${bench.url}/hook`, headers: { 'x-workflow-id': '7' } });
  await bench.qstash.clock.settle();
  expect(bench.last().headers).toMatchObject({ 'x-workflow-id': '7' });
});
