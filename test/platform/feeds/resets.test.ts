/** A connection resumes after its cursor, or tells that events may be missing and goes on after the last event. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { streamKey } from '../../../src/platform/feeds/lua.ts';
import { type FeedWorld, quiet, startFeedWorld, take, takeUntil } from './world.ts';

let world: FeedWorld;
beforeAll(async () => {
  world = await startFeedWorld();
});
afterAll(() => world.close());

type Tenant = ReturnType<FeedWorld['tenant']>;
const streamOf = (tenant: Tenant) => streamKey(tenant.id, quiet.name, undefined);

const epochIn = (cursor: string | undefined) => /@(\d+)-/.exec(cursor ?? '')?.[1];

/** Returns the cursor of a connection that has received the events so far. */
async function cursorNow(tenant: Tenant, topics = 'quiet'): Promise<string | undefined> {
  const reader = tenant.connect(topics);
  await reader.event();
  await reader.leave();
  return reader.cursor;
}

/** Resumes and expects the given events, and then an event that is published now. */
async function resumes(tenant: Tenant, cursor: string | undefined, events: string[]) {
  const reader = tenant.connect('quiet', { cursor });
  expect(await reader.event()).toContain('hello');
  await tenant.publish(99);
  expect(await takeUntil(reader, 'quiet {"n":99}')).toEqual([...events, 'quiet {"n":99}']);
  await reader.leave();
}

const reset = (why: string) => `reset {"topic":"quiet","why":"${why}"}`;

test('events published between two connections arrive on the second', async () => {
  const tenant = world.tenant();
  await tenant.publish(1);
  const cursor = await cursorNow(tenant);
  await tenant.publish(2);
  await tenant.publish(3);
  await resumes(tenant, cursor, ['quiet {"n":2}', 'quiet {"n":3}']);
});

test('more missed events than a page arrive in order', async () => {
  const tenant = world.tenant();
  await tenant.publish(0);
  const cursor = await cursorNow(tenant);
  await tenant.publishMany(350);
  const reader = tenant.connect('quiet', { cursor });
  expect((await take(reader, 351)).slice(1)).toEqual(Array.from({ length: 350 }, (_, n) => `quiet {"n":${n + 1}}`));
  await reader.leave();
});

test('a page of large events is bounded by their size, and all events arrive in order', async () => {
  const tenant = world.tenant();
  await tenant.publish(0);
  const cursor = await cursorNow(tenant);
  const large = 'x'.repeat(8_000);
  for (let n = 1; n <= 30; n += 1) {
    const data = JSON.stringify({ n, large });
    await tenant.redis.exec(['XADD', streamOf(tenant), `${epochIn(cursor)}-*`, 'n', `nonce${n}`, 'd', data]);
  }
  const before = tenant.meter.bytesIn;
  const reader = tenant.connect('quiet', { cursor });
  await take(reader, 2);
  expect(tenant.meter.bytesIn - before).toBeLessThan(100_000);
  expect((await take(reader, 29)).map((event) => JSON.parse(event?.slice(6) ?? '').n)).toEqual(
    Array.from({ length: 29 }, (_, n) => n + 2),
  );
  await reader.leave();
});

test.each([
  ['whose entry was trimmed', 'trimmed', (tenant: Tenant) => trim(tenant)],
  ['of a stream that was deleted', 'lost', (tenant: Tenant) => tenant.redis.del(streamOf(tenant))],
  ['of a stream that was deleted and exists again', 'lost', (tenant: Tenant) => replace(tenant)],
  ['that more than 500 events follow', 'behind', (tenant: Tenant) => tenant.publishMany(600)],
  ['whose id another event got in a failover', 'lost', (tenant: Tenant) => failOver(tenant)],
])('a cursor %s leads to the reset %s', async (_name, why, happens) => {
  const tenant = world.tenant();
  await tenant.publish(1);
  await tenant.publish(2);
  const cursor = await cursorNow(tenant);
  await happens(tenant);
  await resumes(tenant, cursor, [reset(why)]);
});

test('a connection that breaks between hello and a reset gets the reset again when it resumes', async () => {
  const tenant = world.tenant();
  await tenant.publish(1);
  const cursor = await cursorNow(tenant);
  await replace(tenant);
  const reader = tenant.connect('quiet', { cursor });
  expect(await reader.event()).toContain('"resumed":false');
  await reader.leave();
  await resumes(tenant, reader.cursor, [reset('lost')]);
});

async function trim(tenant: Tenant) {
  await tenant.publish(3);
  await tenant.publish(4);
  await tenant.redis.exec(['XTRIM', streamOf(tenant), 'MAXLEN', '1']);
}

async function replace(tenant: Tenant) {
  await tenant.redis.del(streamOf(tenant));
  await tenant.publish(3);
}

/** The replica that takes over has not received the last entry. Returns the id of this entry. */
async function loseLast({ redis, ...tenant }: Tenant): Promise<string> {
  const stream = streamOf({ redis, ...tenant });
  const [last] = (await redis.exec(['XREVRANGE', stream, '+', '-', 'COUNT', '1'])) as [[string]];
  const [first] = (await redis.exec(['XRANGE', stream, '-', '+', 'COUNT', '1'])) as [[string, string[]]];
  await redis.del(stream);
  await redis.exec(['XADD', stream, first[0], ...first[1]]);
  return last[0];
}

/** The replica that takes over gives the id of a lost entry to another event, whose message is lost too. */
async function failOver(tenant: Tenant) {
  const id = await loseLast(tenant);
  await tenant.redis.exec(['XADD', streamOf(tenant), id, 'n', 'another', 'd', '{"n":7}']);
}

test('a failover that loses entries resets a connection that is open', async () => {
  const tenant = world.tenant();
  await tenant.publish(1);
  await tenant.publish(2);
  const reader = tenant.connect('quiet');
  await reader.event();
  await failOver(tenant);
  await tenant.publish(3);
  // The number of the next event follows, but the event before it was never received.
  const following = [await reader.event()];
  await tenant.publish(4);
  following.push(...(await takeUntil(reader, 'quiet {"n":4}')));
  expect(following).toEqual([reset('lost'), 'quiet {"n":4}']);
  await reader.leave();
});

test('a failover that gives the id of the last received event to another event resets a connection', async () => {
  const tenant = world.tenant();
  await tenant.publish(1);
  await tenant.publish(2);
  const reader = tenant.connect('quiet');
  await reader.event();
  await loseLast(tenant);
  await tenant.publish(3);
  const following = [await reader.event()];
  await tenant.publish(4);
  following.push(...(await takeUntil(reader, 'quiet {"n":4}')));
  expect(following).toEqual([reset('lost'), 'quiet {"n":4}']);
  await reader.leave();
});

test('a cursor from before the first event gets all events', async () => {
  const tenant = world.tenant();
  const cursor = await cursorNow(tenant);
  expect(cursor).toMatch(/^quiet@0\.\d+$/);
  await tenant.publish(1);
  await tenant.publish(2);
  await resumes(tenant, cursor, ['quiet {"n":1}', 'quiet {"n":2}']);
});

test('a cursor from before the first event leads to a reset if the first event was trimmed', async () => {
  const tenant = world.tenant();
  const cursor = await cursorNow(tenant);
  await tenant.publish(1);
  await trim(tenant);
  await resumes(tenant, cursor, [reset('trimmed')]);
});

test('a cursor from before the first event leads to a reset after the life of a stream', async () => {
  const tenant = world.tenant();
  const cursor = await cursorNow(tenant);
  await tenant.publish(1);
  tenant.clock.advance(86_400_000);
  await resumes(tenant, cursor, [reset('lost')]);
});

test('a cursor from before the first event leads to a reset if a stream may have come and gone since', async () => {
  const tenant = world.tenant();
  const cursor = await cursorNow(tenant);
  tenant.clock.advance(86_400_000);
  await resumes(tenant, cursor, [reset('lost')]);
});

test('a topic that the cursor lacks begins after its last event, and hello says that it is not resumed', async () => {
  const tenant = world.tenant();
  await tenant.publish(1);
  const cursor = await cursorNow(tenant, 'other');
  const reader = tenant.connect('other,quiet', { cursor });
  expect(await reader.event()).toContain('"resumed":false');
  await tenant.publish(2);
  expect(await reader.event()).toBe('quiet {"n":2}');
  await reader.leave();
});

test('the cursor moves with a heartbeat while nothing happens', async () => {
  const tenant = world.tenant();
  const reader = tenant.connect('quiet');
  await reader.next();
  const beat = reader.next();
  await new Promise(setImmediate);
  tenant.clock.advance(20_000);
  expect(await beat).toEqual({ id: reader.cursor });
  await reader.leave();
});
