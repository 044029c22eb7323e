/** The costs of live updates in requests and commands of Redis, and the bounded answers of a Redis that fails. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishToAll } from '../../../src/platform/feeds/index.ts';
import { streamKey } from '../../../src/platform/feeds/lua.ts';
import { board, CHECK_MS, type FeedWorld, other, quiet, startFeedWorld } from './world.ts';

let world: FeedWorld;
beforeAll(async () => {
  world = await startFeedWorld();
});
afterAll(() => world.close());

/** Returns the requests and commands of `work`. */
async function costOf({ meter }: ReturnType<FeedWorld['tenant']>, work: () => Promise<unknown>) {
  const before = { ...meter };
  await work();
  return { requests: meter.requests - before.requests, commands: meter.commands - before.commands };
}

test('an event costs 1 request and 1 command', async () => {
  const tenant = world.tenant();
  expect(await costOf(tenant, () => tenant.publish(1))).toEqual({ requests: 1, commands: 1 });
});

test('an event for three topics costs 1 request and 1 command, and each topic has it once', async () => {
  const tenant = world.tenant();
  const reader = tenant.connect('quiet,other,board');
  await reader.event();
  const targets = [quiet, other, board].map((feed) => ({ feed }));
  const entry = tenant.entryOf((tx) => publishToAll(tx, targets, { n: 1 }));
  expect(await costOf(tenant, () => tenant.handle([entry]))).toEqual({ requests: 1, commands: 1 });
  // The drain may handle an entry again.
  await tenant.handle([entry]);
  await tenant.publish(2);
  const events = [await reader.event(), await reader.event(), await reader.event(), await reader.event()];
  expect(events.toSorted()).toEqual(['board {"n":1}', 'other {"n":1}', 'quiet {"n":1}', 'quiet {"n":2}']);
  await reader.leave();
});

test('an entry of an earlier release, which has one stream, is published', async () => {
  const tenant = world.tenant();
  const reader = tenant.connect('quiet');
  await reader.event();
  const payload = { stream: streamKey(tenant.id, quiet.name, undefined), data: '{"n":1}' };
  await tenant.handle([{ id: 'out_earlier', tenant: tenant.id, payload }]);
  expect(await reader.event()).toBe('quiet {"n":1}');
  await reader.leave();
});

test('a connection to three topics costs 2 requests and 2 commands, and so does a resumption', async () => {
  const tenant = world.tenant();
  const reader = tenant.connect('quiet,other,board');
  expect(await costOf(tenant, () => reader.event())).toEqual({ requests: 2, commands: 2 });
  expect(await costOf(tenant, () => reader.leave())).toEqual({ requests: 1, commands: 1 });
  const again = tenant.connect('quiet,other,board', { cursor: reader.cursor });
  expect(await costOf(tenant, () => again.event())).toEqual({ requests: 2, commands: 2 });
  await again.leave();
});

test('a check of session, topics and rooms costs 1 request and 1 command; an event and a heartbeat cost nothing', async () => {
  const tenant = world.tenant();
  const checked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  let checks = 0;
  const reader = tenant.connect('quiet,other,board', {
    steps: { afterCheck: async () => checked[checks++]?.resolve() },
  });
  await reader.event();
  const next = reader.next();
  expect(
    await costOf(tenant, async () => {
      tenant.clock.advance(CHECK_MS);
      await checked[1].promise;
      // The heartbeat of this time.
      await next;
    }),
  ).toEqual({ requests: 1, commands: 1 });
  expect(
    await costOf(tenant, async () => {
      await tenant.publish(1);
      expect(await reader.event()).toBe('quiet {"n":1}');
    }),
  ).toEqual({ requests: 1, commands: 1 });
  await reader.leave();
});

test('in poll mode an answer costs 1 request and 1 command, and ends', async () => {
  const tenant = world.tenant();
  await tenant.publish(1);
  const first = tenant.connect('quiet', { mode: 'poll' });
  expect(await costOf(tenant, () => first.event())).toEqual({ requests: 1, commands: 1 });
  expect(await first.next()).toBeNull();
  await tenant.publish(2);
  const second = tenant.connect('quiet', { mode: 'poll', cursor: first.cursor });
  expect(await second.event()).toContain('"mode":"poll"');
  expect(await second.event()).toBe('quiet {"n":2}');
  expect(await second.next()).toBeNull();
});

test('a connection while Redis fails gets a goodbye with a time to come back', async () => {
  const tenant = world.tenant();
  world.rest.intercept = () => ({ status: 503, body: { error: 'down' } });
  const reader = tenant.connect('quiet');
  expect(await reader.event()).toMatch(/^bye \{"why":"unavailable","retryMs":\d+\}$/);
  expect(await reader.next()).toBeNull();
  world.rest.intercept = undefined;
});

test('an open connection survives one failed check, and ends with a goodbye after the second', async () => {
  const tenant = world.tenant();
  const reader = tenant.connect('quiet');
  await reader.event();
  world.rest.intercept = () => ({ status: 503, body: { error: 'down' } });
  tenant.clock.advance(CHECK_MS);
  // The first check has failed when the heartbeat of this time arrives.
  expect(await reader.next()).toEqual({ id: reader.cursor });
  tenant.clock.advance(2_000);
  expect(await reader.event()).toMatch(/^bye \{"why":"unavailable"/);
  world.rest.intercept = undefined;
});
