/** The emulator's own page, state and clock, over HTTP. */
import { expect, test } from 'vitest';
import { MINUTE, useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

const post = (path: string, body: unknown, init: RequestInit = {}) =>
  bench.api(path, { method: 'POST', body: JSON.stringify(body), ...init });

test('the clock can be moved, and the answer comes after the deliveries', async () => {
  const before = bench.qstash.clock.now();
  await bench.client.publish({ url: bench.url, delay: 60 });
  expect(await (await bench.api('/_emulator/clock')).json()).toEqual({
    now: before,
    waiting: 1,
    next: before + MINUTE,
  });
  const response = await post('/_emulator/clock/advance', { ms: MINUTE });
  expect(await response.json()).toEqual({ now: before + MINUTE });
  expect(bench.delivered).toHaveLength(1);
  for (const ms of [-1, 'a', null]) expect((await post('/_emulator/clock/advance', { ms })).status).toBe(400);
  expect((await bench.api('/_emulator/clock/advance', { method: 'POST', body: 'no json' })).status).toBe(400);
});

test('the state has all parts as JSON', async () => {
  bench.answerTo['/bad'] = { status: 500 };
  const { client } = bench;
  await client.publish({ url: `${bench.url}/bad`, retries: 0 });
  await bench.qstash.clock.settle();
  await client.publish({ url: `${bench.url}/later`, delay: 60, flowControl: { key: 'k', rate: 1 } });
  await client.queue({ queueName: 'q' }).upsert({ parallelism: 2 });
  await client.urlGroups.addEndpoints({ name: 'g', endpoints: [{ url: bench.url }] });
  await client.schedules.create({ destination: bench.url, cron: '0 0 1 1 *', scheduleId: 's' });
  bench.qstash.faults.set({ delay: { times: 3 } });
  const state = await (await fetch(`${bench.qstash.url}/_emulator/state`)).json();
  expect(state).toMatchObject({
    clock: { now: bench.qstash.clock.now() },
    counts: { messages: 1, deadLetters: 1, sending: 0 },
    messages: [{ url: `${bench.url}/later`, phase: 'delayed', retried: 0 }],
    deadLetters: [{ url: `${bench.url}/bad`, responseStatus: 500 }],
    queues: [{ name: 'q', parallelism: 2 }],
    topics: [{ name: 'g' }],
    schedules: [{ scheduleId: 's' }],
    flowControl: [{ flowControlKey: 'k' }],
    faults: { delay: { times: 3 } },
    events: [{ state: 'CREATED' }, { state: 'FAILED' }, { state: 'ERROR' }, { state: 'ACTIVE' }, { state: 'CREATED' }],
  });
  expect(state).toEqual(JSON.parse(JSON.stringify(bench.qstash.state())));
});

test('the page shows the state to a browser, escaped', async () => {
  bench.answerTo['/bad'] = { status: 500, body: '<script>alert(1)</script>' };
  await bench.client.publish({ url: `${bench.url}/bad`, retries: 0, body: '<img src=x onerror=alert(2)>' });
  await bench.client.queue({ queueName: 'my-queue' }).upsert({});
  await bench.qstash.clock.settle();
  const response = await fetch(`${bench.qstash.url}/_emulator`);
  const page = await response.text();
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page).toContain(`${bench.url}/bad`);
  expect(page).toContain('my-queue');
  expect(page).toContain('&lt;script&gt;alert(1)');
  expect(page).not.toContain('<script');
  expect(page).not.toContain('<img');
});

test('changes need the token, reading does not', async () => {
  for (const path of ['/_emulator', '/_emulator/state', '/_emulator/clock', '/_emulator/faults']) {
    expect((await fetch(bench.qstash.url + path)).status, path).toBe(200);
  }
  for (const [method, path] of [
    ['POST', '/_emulator/clock/advance'],
    ['PUT', '/_emulator/faults'],
    ['DELETE', '/_emulator/faults'],
    ['GET', '/v2/keys'],
    ['GET', '/_emulators'],
  ] as const) {
    expect((await fetch(bench.qstash.url + path, { method })).status, path).toBe(401);
  }
});
