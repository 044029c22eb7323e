/**
 * The app's user of Redis, with the least rights: exactly the commands of the rooms, on exactly the keys of their
 * families. `npm run redis:acl` makes the user; docs/access.md explains it.
 */
import { type Family, families } from '../keys.ts';
import { type RoomAccess, rooms } from './rooms.ts';

/** The name of the app's user. */
export const APP_USER = 'holdfast-app';

/** The rights of a user: commands in upper case, and patterns of keys and of channels. */
export interface Grant {
  readonly commands: readonly string[];
  readonly keys: readonly string[];
  readonly channels: readonly string[];
}

/** Returns the rights that rooms need together. Default: all rooms. */
export function grantOf(granted: readonly RoomAccess[] = Object.values(rooms)): Grant {
  const commands = new Set(granted.flatMap((room) => room.commands));
  const used = new Set(granted.flatMap((room) => room.families));
  const ofType = (isChannel: boolean) => {
    const all = Object.keys(families).filter((family) => isChannelFamily(family as Family) === isChannel) as Family[];
    return patternsOf(
      all.filter((family) => used.has(family)),
      all,
    );
  };
  return { commands: [...commands].toSorted(), keys: ofType(false), channels: ofType(true) };
}

/**
 * Returns the rules of `ACL SETUSER` that give a user exactly these rights. The rules keep the user's passwords. A rule
 * with a subcommand is never needed: Upstash refuses it.
 */
export function aclRules({ commands, keys, channels }: Grant): string[] {
  return [
    ...['on', 'resetkeys', 'resetchannels', '-@all'],
    ...keys.map((pattern) => `~${pattern}`),
    ...channels.map((pattern) => `&${pattern}`),
    ...commands.map((command) => `+${command.toLowerCase()}`),
  ];
}

/** Patterns begin with the tenant's place, and `*` also matches colons, so one pattern is enough for all families. */
function patternsOf(used: readonly Family[], all: readonly Family[]): string[] {
  if (used.length === all.length) return ['hf:*'];
  return used.flatMap((family) => [`hf:*:${families[family].code}`, `hf:*:${families[family].code}:*`]);
}

function isChannelFamily(family: Family): boolean {
  return families[family].type === 'channel';
}
