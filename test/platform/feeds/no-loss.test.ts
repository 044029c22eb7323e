/**
 * No event is lost without a visible reset: events published at every step of a connection arrive once and in order,
 * also if Redis loses the messages of its channels.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { feedHandler, publish } from '../../../src/platform/feeds/publish.ts';
import type { OutboxEntry } from '../../../src/platform/outbox/index.ts';
import { LOSSES, PLACEMENTS, type Step } from '../../support/placements.ts';
import { CHECK_MS, type FeedWorld, other, quiet, type Steps, startFeedWorld, take, takeUntil } from './world.ts';

let world: FeedWorld;
beforeAll(async () => {
  world = await startFeedWorld();
});
afterAll(() => world.close());

describe.each(LOSSES)('%s', (_what, arrives) => {
  test.each(PLACEMENTS)('events published at %s, %s and %s', async (...placement) => {
    const tenant = world.tenant();
    await tenant.publish(0);
    const first = tenant.connect('quiet');
    await first.next();
    await first.leave();
    world.rest.interceptMessage = (_channel, message) => arrives(Number(/"n":(\d+)/.exec(message)?.[1]));

    const at = async (step: Step) => {
      for (const [index, each] of placement.entries()) if (each === step) await tenant.publish(index + 1);
    };
    let checks = 0;
    const steps: Steps = {
      beforeSubscribe: () => at('before'),
      afterSubscribe: () => at('subscribed'),
      async afterCheck() {
        checks += 1;
        if (checks === 1) await at('read');
      },
    };
    const reader = tenant.connect('quiet', { cursor: first.cursor, steps });
    expect(await reader.event()).toContain('"resumed":true');
    await at('live');
    // The next check finds the lost messages of the last events. A gap before a message is found without a check.
    if (!arrives(3)) tenant.clock.advance(CHECK_MS);
    expect(await takeUntil(reader, 'quiet {"n":3}')).toEqual([1, 2, 3].map((n) => `quiet {"n":${n}}`));
    await reader.leave();
    world.rest.interceptMessage = undefined;
  });
});

test('events of 100 concurrent publishers arrive once, and their numbers have no holes', async () => {
  const tenant = world.tenant();
  const reader = tenant.connect('quiet');
  await reader.event();
  await Promise.all(Array.from({ length: 100 }, (_, n) => tenant.publish(n)));
  const numbers: number[] = [];
  const seen = new Set<unknown>();
  for (let count = 0; count < 100; count += 1) {
    seen.add(await reader.event());
    numbers.push(Number(/-(\d+)\./.exec(reader.cursor ?? '')?.[1]));
  }
  expect(seen.size).toBe(100);
  expect(numbers).toEqual(Array.from({ length: 100 }, (_, n) => n));
  await reader.leave();
});

test('an event that is published twice with one nonce arrives once', async () => {
  const tenant = world.tenant();
  const handler = feedHandler({ redis: tenant.redis });
  const entries: OutboxEntry[] = [];
  const tx = {
    tenant: tenant.id,
    addToOutbox: (_kind: string, payload: object) => void entries.push({ id: 'out_1', tenant: tenant.id, payload }),
  };
  publish(tx, quiet, { n: 1 });
  const reader = tenant.connect('quiet');
  await reader.event();
  await handler(entries);
  await handler(entries);
  await tenant.publish(2);
  expect(await take(reader, 2)).toEqual(['quiet {"n":1}', 'quiet {"n":2}']);
  await reader.leave();
});

test('a subscription that ends is opened again, and events published meanwhile arrive', async () => {
  const tenant = world.tenant();
  const ended = Promise.withResolvers<void>();
  const opened = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  let subscriptions = 0;
  const reader = tenant.connect('quiet', {
    steps: {
      afterSubscribe: async () => opened[subscriptions++]?.resolve(),
      onEnd: ended.resolve,
    },
  });
  await reader.event();
  const next = reader.event();
  world.rest.endSubscriptions();
  await ended.promise;
  await tenant.publish(1);
  // The connection waits 1 to 3 s before it opens the subscription again.
  tenant.clock.advance(3_000);
  await opened[1].promise;
  expect(await next).toBe('quiet {"n":1}');
  await tenant.publish(2);
  expect(await reader.event()).toBe('quiet {"n":2}');
  await reader.leave();
});

test('a subscription that died without an end is opened again after two checks that find events', async () => {
  const tenant = world.tenant();
  const reopened = Promise.withResolvers<void>();
  let subscriptions = 0;
  const steps: Steps = {
    async afterSubscribe() {
      subscriptions += 1;
      if (subscriptions === 2) reopened.resolve();
    },
  };
  const reader = tenant.connect('quiet', { steps });
  await reader.event();
  world.rest.interceptMessage = () => false;
  for (const n of [1, 2]) {
    await tenant.publish(n);
    tenant.clock.advance(CHECK_MS);
    expect(await reader.event()).toBe(`quiet {"n":${n}}`);
    expect(subscriptions).toBe(1);
  }
  world.rest.interceptMessage = undefined;
  const next = reader.event();
  tenant.clock.advance(3_000);
  await reopened.promise;
  await tenant.publish(3);
  expect(await next).toBe('quiet {"n":3}');
  await reader.leave();
});

test('a reader that never reads gets a reset after 10,000 events, and the events that follow', async () => {
  const tenant = world.tenant();
  const reader = tenant.connect('quiet,other');
  await reader.event();
  await tenant.publish(0);
  for (let sent = 0; sent < 10; sent += 1) await tenant.publishMany(1_000);
  await tenant.publish(1, other);
  const events = await take(reader, 2);
  expect(events).toContainEqual(expect.stringMatching(/^reset \{"topic":"quiet","why":"(?:behind|trimmed)"\}$/));
  expect(events).toContain('other {"n":1}');
  await tenant.publish(10_000);
  expect(await reader.event()).toBe('quiet {"n":10000}');
  await reader.leave();
});
