/** The users in a room: several connections of a user count once, and a connection that ends counts a short time more. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { key } from '../../../src/platform/redis/index.ts';
import { adminRedis } from '../../support/admin-redis.ts';
import { board, CHECK_MS, type FeedWorld, type Reader, startFeedWorld, takeUntil } from './world.ts';

let world: FeedWorld;
beforeAll(async () => {
  world = await startFeedWorld();
});
afterAll(() => world.close());

const presentIn = (hello: string | null) =>
  (JSON.parse(hello?.replace('hello ', '') ?? '{}') as { present: { board: string[] } }).present.board.toSorted();
const announced = (kind: string, userId: string) => `board {"type":"presence.${kind}","userId":"${userId}"}`;
/** Cjson writes the fields of an object in any order. */
const normal = (event: string | null) => {
  const [, topic, data = '{}'] = /^(\S+) (.*)$/.exec(event ?? '') ?? [];
  const { type, userId } = JSON.parse(data) as { type: string; userId: string };
  return `${topic} ${JSON.stringify({ type, userId })}`;
};

test('the others hear of a user who joins, and the user sees who is present', async () => {
  const tenant = world.tenant();
  const ada = tenant.connect('board', { callerId: 'ada' });
  expect(presentIn(await ada.event())).toEqual(['ada']);
  const ben = tenant.connect('board', { callerId: 'ben' });
  expect(presentIn(await ben.event())).toEqual(['ada', 'ben']);
  expect(normal(await ada.event())).toBe(announced('joined', 'ben'));
  await Promise.all([ada.leave(), ben.leave()]);
});

test('a second connection of a user makes no event, and neither does the end of one of two', async () => {
  const tenant = world.tenant();
  const ada = tenant.connect('board', { callerId: 'ada' });
  await ada.event();
  const ben = [tenant.connect('board', { callerId: 'ben' }), tenant.connect('board', { callerId: 'ben' })] as const;
  for (const each of ben) await each.event();
  expect(normal(await ada.event())).toBe(announced('joined', 'ben'));
  await ben[0].leave();
  const eve = tenant.connect('board', { callerId: 'eve' });
  await eve.event();
  expect(normal(await ada.event())).toBe(announced('leaving', 'ben'));
  expect(normal(await ada.event())).toBe(announced('joined', 'eve'));
  // The time of the closed connection is over, but not the time of the other one.
  tenant.clock.advance(CHECK_MS);
  const fay = tenant.connect('board', { callerId: 'fay' });
  expect(presentIn(await fay.event())).toEqual(['ada', 'ben', 'eve', 'fay']);
  await Promise.all([ada, ben[1], eve, fay].map((each) => each.leave()));
});

test('the next check of another connection after the grace announces that a user has left', async () => {
  const tenant = world.tenant();
  const ada = tenant.connect('board', { callerId: 'ada' });
  await ada.event();
  const ben = tenant.connect('board', { callerId: 'ben' });
  await ben.event();
  expect(normal(await ada.event())).toBe(announced('joined', 'ben'));
  await ben.leave();
  expect(normal(await ada.event())).toBe(announced('leaving', 'ben'));
  const next = ada.event();
  // The check comes shortly after the end of the grace, far before the next regular check.
  tenant.clock.advance(11_000);
  expect(normal(await next)).toBe(announced('left', 'ben'));
  await ada.leave();
});

test('a page that loads again within the grace makes neither the event left nor the event joined', async () => {
  const tenant = world.tenant();
  const ada = tenant.connect('board', { callerId: 'ada' });
  await ada.event();
  const ben = tenant.connect('board', { callerId: 'ben' });
  await ben.event();
  expect(normal(await ada.event())).toBe(announced('joined', 'ben'));
  await ben.leave();
  tenant.clock.advance(5_000);
  const again = tenant.connect('board', { callerId: 'ben' });
  await again.event();
  expect(normal(await ada.event())).toBe(announced('leaving', 'ben'));
  tenant.clock.advance(6_000);
  const eve = tenant.connect('board', { callerId: 'eve' });
  expect(presentIn(await eve.event())).toEqual(['ada', 'ben', 'eve']);
  expect(normal(await ada.event())).toBe(announced('joined', 'eve'));
  await Promise.all([ada, again, eve].map((each) => each.leave()));
});

test('a connection whose isolate died is removed by the next caller, who announces it', async () => {
  const tenant = world.tenant();
  const dead = tenant.connect('board', { callerId: 'ben' });
  await dead.event();
  tenant.clock.advance(CHECK_MS * 1.5);
  const ada = tenant.connect('board', { callerId: 'ada' });
  expect(presentIn(await ada.event())).toEqual(['ada', 'ben']);
  const next = ada.event();
  // No check renews the place of the dead connection.
  tenant.clock.advance(CHECK_MS * 1.1);
  expect(normal(await next)).toBe(announced('left', 'ben'));
  await ada.leave();
  await dead.leave();
});

test('an old connection that ends and resumes makes no event in its rooms', async () => {
  const tenant = world.tenant();
  const old = tenant.connect('board', { callerId: 'ben' });
  await old.event();
  tenant.clock.advance(500_000);
  // The check before this heartbeat renews the place of the connection.
  expect(await old.next()).toMatchObject({ id: old.cursor });
  const ada = tenant.connect('board', { callerId: 'ada' });
  expect(presentIn(await ada.event())).toEqual(['ada', 'ben']);
  tenant.clock.advance(45_000);
  expect(await takeUntil(old, 'none')).toEqual(expect.arrayContaining([expect.stringContaining('"why":"age"'), null]));
  const again = tenant.connect('board', { callerId: 'ben', cursor: old.cursor });
  await again.event();
  await again.leave();
  await tenant.publish(1, board);
  const events = await takeUntil(ada, 'board {"n":1}');
  // Only the end of the second connection is announced.
  expect(events.filter((text) => text?.includes('leaving'))).toHaveLength(1);
  await ada.leave();
});

test('a user with too many connections gets a time to come back, and an ended connection makes room', async () => {
  const tenant = world.tenant();
  const open = [tenant.connect('quiet', { connections: 2 }), tenant.connect('quiet', { connections: 2 })] as const;
  for (const each of open) await each.event();
  const third = tenant.connect('quiet', { connections: 2 });
  expect(await third.event()).toBe('bye {"why":"limit","retryMs":60000}');
  expect(await third.next()).toBeNull();
  const other = tenant.connect('quiet', { connections: 2, callerId: 'user_2' });
  expect(await other.event()).toContain('hello');
  await open[0].leave();
  const fourth = tenant.connect('quiet', { connections: 2 });
  expect(await fourth.event()).toContain('hello');
  await Promise.all([open[1], other, fourth].map((each) => each.leave()));
});

test('any time between two checks may be set', async () => {
  const tenant = world.tenant();
  const reader = tenant.connect('board', { checkMs: 60_001 });
  expect(await reader.event()).toContain('hello');
  await reader.leave();
});

test('a caller who polls does not shorten the life of the places of others', async () => {
  const tenant = world.tenant();
  const ada = tenant.connect('board', { callerId: 'ada' });
  await ada.event();
  const endOfRoom = () => adminRedis({ url: world.rest.url }).exec(['PEXPIRETIME', key(tenant.id, 'room', 'board')]);
  const end = await endOfRoom();
  const ben = tenant.connect('board', { callerId: 'ben', mode: 'poll' });
  expect(presentIn(await ben.event())).toEqual(['ada', 'ben']);
  expect(await endOfRoom()).toBe(end);
  await Promise.all([ada.leave(), ben.leave()]);
});

/** Fills the room with so many members. */
async function fill(count: number) {
  const tenant = world.tenant();
  const names = Array.from({ length: count }, (_, n) => `user-${String(n).padStart(2, '0')}`);
  const members = names.map((callerId) => ({ callerId, reader: tenant.connect('board', { callerId }) }));
  for (const { reader } of members) await reader.event();
  return { tenant, members };
}

/** Waits until each reader has received so many events of a kind. */
const allHear = (readers: readonly Reader[], kind: string, count = 1) =>
  Promise.all(
    readers.map(async (reader) => {
      for (let heard = 0; heard < count; ) {
        const event = await reader.event();
        if (event === null) throw new Error('A connection has ended');
        if (event.includes(`"presence.${kind}"`)) heard += 1;
      }
    }),
  );

test('in a room of 50, the end of a connection costs the room 1 check, and ends that are close together share it', async () => {
  const { tenant, members } = await fill(50);
  const leaving = members.splice(0, 10);
  const [first, ...others] = leaving;
  const rest = members.map(({ reader }) => reader);
  const stay = [...others.map(({ reader }) => reader), ...rest];
  const before = tenant.meter.commands;
  await first?.reader.leave();
  await allHear(stay, 'leaving');
  const left = allHear(stay, 'left');
  tenant.clock.advance(11_000);
  await left;
  // The end, and one check.
  expect(tenant.meter.commands - before).toBe(2);

  for (const { reader } of others) await reader.leave();
  await allHear(rest, 'leaving', 9);
  const allLeft = allHear(rest, 'left', 9);
  tenant.clock.advance(11_000);
  await allLeft;
  expect(tenant.meter.commands - before).toBe(2 + 9 + 1);
  await Promise.all(rest.map((reader) => reader.leave()));
});

test('if the connection that has to check is gone, the next regular check of another one announces the end', async () => {
  const { tenant, members } = await fill(3);
  const [first, second, third] = members.map(({ reader }) => reader) as [Reader, Reader, Reader];
  await first.leave();
  const leaving = await takeUntilText(second, 'presence.leaving');
  // The third connection has to check, and its browser no longer reads.
  const next = allHear([second], 'left');
  expect(leaving).toContain('"checkedBy"');
  tenant.clock.advance(CHECK_MS);
  await next;
  await Promise.all([second.leave(), third.leave()]);
});

async function takeUntilText(reader: Reader, text: string): Promise<string> {
  for (;;) {
    const event = (await reader.event()) ?? 'the connection has ended';
    if (event.includes(text)) return event;
  }
}

test('two ends some seconds apart are announced each within half a second after its grace', async () => {
  const { tenant, members } = await fill(3);
  // Of connections that checked at the same time, the last one in the room has to check.
  const [first, second, stays] = members.map(({ reader }) => reader) as [Reader, Reader, Reader];
  await first.leave();
  await allHear([stays], 'leaving');
  tenant.clock.advance(6_000);
  await second.leave();
  await allHear([stays], 'leaving');
  for (const ms of [4_500, 6_000]) {
    const left = allHear([stays], 'left');
    tenant.clock.advance(ms);
    await left;
  }
  await stays.leave();
});
