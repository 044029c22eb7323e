/** The table of access: it has what the code of each room can send, and the app's user gets exactly that. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aclRules, grantOf, type RoomAccess, rooms } from '../../../src/platform/redis/access/index.ts';
import { families } from '../../../src/platform/redis/index.ts';
import { libraryCommands } from '../../support/limit-scripts.ts';
import { usesOfRooms } from '../../support/redis-calls.ts';

const uses = [...usesOfRooms((name) => Object.hasOwn(families, name))].filter(
  ([, { commands, families }]) => commands.size + families.size > 0,
);
const grant = grantOf();

describe('the table of access', () => {
  test('has exactly the rooms whose code sends commands', () => {
    expect(uses.map(([room]) => room).toSorted()).toEqual(Object.keys(rooms).toSorted());
  });

  test.each(uses)('has exactly the commands and the families in the code of the room %s', async (room, use) => {
    const commands = room === 'limits' ? new Set([...use.commands, ...(await libraryCommands())]) : use.commands;
    expect(rooms[room]).toEqual({ families: [...use.families].toSorted(), commands: [...commands].toSorted() });
  });

  test('has each family of keys', () => {
    const listed = new Set(Object.values(rooms).flatMap((room) => room.families));
    expect([...listed].toSorted()).toEqual(Object.keys(families).toSorted());
  });
});

test('docs/access.md has the commands of each room', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/access.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([\w-]+)` \| (`.*`) \|$/gm)].map(
    ([, room, list = '']) => [room, list.replaceAll('`', '').split(' ')] as const,
  );
  expect(rows).toEqual(Object.entries(rooms).map(([room, { commands }]) => [room, commands]));
});

describe('the rights of the app', () => {
  test('are the commands of all rooms, on the keys and channels of Holdfast', () => {
    expect(grant.commands).toEqual([...new Set(Object.values(rooms).flatMap((room) => room.commands))].toSorted());
    expect([grant.keys, grant.channels]).toEqual([['hf:*'], ['hf:*']]);
  });

  test.each([
    'FLUSHALL',
    'FLUSHDB',
    'KEYS',
    'CONFIG',
    'ACL',
    'MONITOR',
    'SCRIPT',
    'DEBUG',
    'SHUTDOWN',
    'CLIENT',
    'SWAPDB',
  ])('do not have %s', (command) => {
    expect(grant.commands).not.toContain(command);
  });

  test('of some rooms have the patterns of their families only', () => {
    const { sessions, channels } = rooms as Record<string, RoomAccess>;
    if (!sessions || !channels) throw new Error('The table has no sessions and no channels');
    expect(grantOf([sessions]).keys).toEqual(['hf:*:s', 'hf:*:s:*', 'hf:*:e', 'hf:*:e:*']);
    expect(grantOf([sessions]).channels).toEqual([]);
    expect(grantOf([channels])).toEqual({ commands: ['PUBLISH'], keys: [], channels: ['hf:*'] });
  });

  test('as rules: they begin with nothing, keep the passwords and name no subcommand', () => {
    const rules = aclRules(grant);
    expect(rules.slice(0, 6)).toEqual(['on', 'resetkeys', 'resetchannels', '-@all', '~hf:*', '&hf:*']);
    expect(rules.slice(6)).toEqual(grant.commands.map((command) => `+${command.toLowerCase()}`));
    expect(rules.filter((rule) => /[|>#<!]|^reset$|^nopass$/.test(rule))).toEqual([]);
  });
});
