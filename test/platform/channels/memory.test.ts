/** The memory of a long-lived process that listens to invalidations, beside the memory of a process that does not. */
import { afterEach, expect, test } from 'vitest';
import { type Query, query } from '../../../src/platform/cache/index.ts';
import { type Listener, publish, receive } from '../../../src/platform/channels/index.ts';
import { createHoldfast } from '../../../src/platform/holdfast.ts';
import { createLog } from '../../../src/platform/log.ts';
import { invalidated } from '../../../src/platform/memory-channel.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { type OutboxRow, outboxStore } from '../../support/outbox-sql.ts';
import { TOKEN } from '../../support/rest.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { rest } = suiteRedis();
const listeners: Listener[] = [];
afterEach(() => {
  for (const listener of listeners.splice(0)) listener.close();
  rest().interceptMessage = undefined;
});

/** A tenant with one value, and processes that remember it. Only a test moves the clock. */
function world() {
  const clock = manualClock();
  const tenant = newTenant();
  const source = { value: 1 };
  const load = async (_: { id: number }) => source.value;
  const remembered = query('remembered', {
    ...{ ttl: '1h', memory: '30s', load },
    tags: ({ id }: { id: number }) => [tag('row', String(id))],
    flush: async () => undefined,
  });
  const untagged = query('untagged', { ttl: '1h', memory: '30s', load });
  const store = outboxStore(tenant, {
    async transaction(work) {
      const rows: OutboxRow[] = [];
      return work(rows);
    },
  });

  function process(options: { memoryChannel?: boolean } = {}) {
    const holdfast = createHoldfast({
      redis: { url: rest().url, token: TOKEN, timeoutMs: 30_000 },
      database: () => ({ store }),
      system: clock.system,
      log: createLog({ now: () => 0, write: () => {} }),
      ...options,
    });
    const heard: unknown[] = [];
    let wake = () => {};
    const hear = (what: unknown) => {
      heard.push(what);
      wake();
    };
    return {
      scope() {
        const scope = holdfast.scope();
        const { cache, commit } = scope.tenant(tenant);
        return { cache, commit, meter: scope.redisMeter, redis: scope.redis };
      },
      read: (of: Query<{ id: number }, number, { tenant: string }> = remembered, id = 1) =>
        holdfast.scope().tenant(tenant).cache.read(of, { id }),
      /** Listens, and returns when the subscription has opened. */
      async listen() {
        const receivers = [receive(invalidated, (message) => hear(message.versions))];
        const listener = holdfast.listen({ receivers, onGap: () => hear('gap') });
        listeners.push(listener);
        await this.heard(1);
        return listener;
      },
      /** Waits until the process has received so many messages and gaps. Its memory has dropped the values before. */
      async heard(count: number) {
        while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve));
        return heard;
      },
    };
  }
  return { clock, tenant, source, remembered, untagged, process };
}

test('after a write, a process that listens answers with the new value, and one that does not with the remembered value', async () => {
  const { process, source, clock } = world();
  const [listening, deaf] = [process(), process()];
  const writer = process({ memoryChannel: true }).scope();
  await listening.listen();
  expect([await listening.read(), await deaf.read()]).toEqual([1, 1]);
  await writer.commit(async (tx) => {
    source.value = 2;
    tx.invalidate(tag('row', '1'));
  });
  await listening.heard(2);
  expect([await listening.read(), await deaf.read()]).toEqual([2, 1]);
  // The bound of the other process is the memory time.
  clock.advance(30_000);
  expect(await deaf.read()).toBe(2);
});

test('a message drops only the values that depend on the changed tags, and names keys only', async () => {
  const { process, remembered, tenant } = world();
  const listening = process();
  await listening.listen();
  await Promise.all([listening.read(remembered, 1), listening.read(remembered, 2)]);
  await process({ memoryChannel: true }).scope().cache.invalidate(tag('row', '1'), tag('mail', 'a@example.com'));
  const heard = await listening.heard(2);
  expect(heard[1]).toEqual([`hf:${tenant}:v:row:1`, expect.stringMatching(/^hf:\w+:v:mail:~[0-9a-f]{64}$/)]);
  const scope = listening.scope();
  await scope.cache.read(remembered, { id: 2 });
  expect(scope.meter.requests).toBe(0);
  await scope.cache.read(remembered, { id: 1 });
  expect(scope.meter.requests).toBeGreaterThan(0);
});

type Writer = ReturnType<ReturnType<ReturnType<typeof world>['process']>['scope']>;
type World = ReturnType<typeof world>;
const CHANGES: [name: string, change: (writer: Writer, on: World) => Promise<unknown>, on: number, off: number][] = [
  ['a commit', ({ commit }) => commit(async (tx) => tx.invalidate(tag('row', '1'))), 3, 2],
  ['an invalidation', ({ cache }) => cache.invalidate(tag('row', '1')), 2, 1],
  ['a soft invalidation', ({ cache }) => cache.invalidateSoftly(tag('row', '1')), 2, 1],
  ['a write-through', ({ cache }, { remembered }) => cache.write(remembered, { id: 1 }, async () => 2), 3, 2],
  ['a write-behind', ({ cache }, { remembered }) => cache.writeBehind(remembered, { id: 1 }, 2), 2, 1],
  ['the removal of an entry', ({ cache }, { remembered }) => cache.forget(remembered, { id: 1 }), 2, 1],
];

test.each(CHANGES)('%s costs 1 command more with the channel, and no request', async (_, change, on, off) => {
  const { process, ...rest } = world();
  const [told, untold] = [process({ memoryChannel: true }), process()].map((each) => each.scope()) as [Writer, Writer];
  const costs: [number, number][] = [];
  // The first run of each script sends its text, which costs the same.
  for (const writer of [told, untold]) {
    await change(writer, { process, ...rest });
    costs.push([writer.meter.requests, writer.meter.commands]);
  }
  expect(costs).toEqual([
    [off, on],
    [off, off],
  ]);
});

test.each(CHANGES)('after %s, a process that listens asks Redis again', async (_, change) => {
  const { process, ...rest } = world();
  const listening = process();
  await listening.listen();
  await listening.read();
  const before = listening.scope();
  await before.cache.read(rest.remembered, { id: 1 });
  expect(before.meter.requests).toBe(0);
  await change(process({ memoryChannel: true }).scope(), { process, ...rest });
  await listening.heard(2);
  const after = listening.scope();
  await after.cache.read(rest.remembered, { id: 1 });
  expect(after.meter.requests).toBeGreaterThan(0);
});

test('the removal of an entry without tags, and more than 250 tags, drop all values', async () => {
  const { process, remembered, untagged } = world();
  const listening = process();
  await listening.listen();
  const writer = process({ memoryChannel: true }).scope();
  const many = Array.from({ length: 251 }, (_, at) => tag('other', String(at)));
  for (const [index, change] of [
    () => writer.cache.forget(untagged, { id: 1 }),
    () => writer.cache.invalidate(...many),
  ].entries()) {
    await listening.read(remembered);
    await change();
    expect((await listening.heard(2 + index)).at(-1)).toBe('all');
    const scope = listening.scope();
    await scope.cache.read(remembered, { id: 1 });
    expect(scope.meter.requests).toBeGreaterThan(0);
  }
});

test('a value whose read began before the message is not remembered', async () => {
  const { process, source, remembered } = world();
  const listening = process();
  await listening.listen();
  await listening.read();
  await process().scope().cache.forget(remembered, { id: 1 });
  // The load begins with the old value, and the write comes before its end.
  const [loading, loaded] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = query('slow', {
    ...{ ttl: '1h', memory: '30s' },
    tags: () => [tag('row', '1')],
    async load() {
      const { value } = source;
      loading.resolve();
      await loaded.promise;
      return value;
    },
  });
  const read = listening.scope().cache.read(slow, {});
  await loading.promise;
  source.value = 2;
  await process({ memoryChannel: true }).scope().cache.invalidate(tag('row', '1'));
  await listening.heard(2);
  loaded.resolve();
  expect(await read).toBe(1);
  expect(await listening.scope().cache.read(slow, {})).toBe(2);
});

test('a gap drops all values, also those whose invalidation was lost', async () => {
  const { process, source } = world();
  const listening = process();
  await listening.listen();
  await listening.read();
  const writer = process({ memoryChannel: true }).scope();
  rest().interceptMessage = () => false;
  source.value = 2;
  await writer.cache.invalidate(tag('row', '1'));
  rest().interceptMessage = undefined;
  expect(await listening.read()).toBe(1);
  await writer.redis.publish(invalidated.key, 'not a message of this release');
  await listening.heard(2);
  expect(await listening.read()).toBe(2);
});

test('a write succeeds if Redis refuses the message', async () => {
  const { process, remembered } = world();
  const writer = process({ memoryChannel: true }).scope();
  await writer.cache.read(remembered, { id: 1 });
  rest().intercept = ({ commands }) => {
    const asked = commands.map((command) => String(command[0]).toUpperCase());
    return asked.includes('PUBLISH') && asked.length === 1 ? { status: 503, body: { error: 'down' } } : 'pass';
  };
  await expect(publish(writer.redis, invalidated, { versions: 'all' })).rejects.toThrow();
  await expect(writer.cache.forgetMatching('remembered:*')).resolves.toBe(1);
});
