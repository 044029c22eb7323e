/** The Redis commands that the code of a room can send: its calls, and the calls of its Lua scripts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasShape } from '../../src/platform/redis/replies.ts';

const PLATFORM = join(import.meta.dirname, '../../src/platform');

/** Lua: `redis.call('HSET', …)`. */
const IN_SCRIPT = /\bredis\.p?call\(\s*'([A-Z_]+)'/g;
/** The client's method: `redis.mget<…>(…)`. */
const METHOD = /\b(?:redis|client)(?:\(\))?\??\.([a-z_]+)(?:<[^;=]*?>)?\(/g;
/** A list that is handed to `exec`: `['XRANGE', …]`. */
const LISTED = /\[\s*'([A-Z_]{3,})'[,\]]/g;
/** The declaration of a script, which is sent by EVAL or EVALSHA. */
const SCRIPT = /^(?:export )?const \w+ = (?:\w+S|s)cript</m;
/** The path of a subscription over REST. */
const SUBSCRIPTION = '/subscribe/';
/** The families of `key(tenant, 'sessions', …)`. */
const FAMILY = /\bkey\((?:[^()]|\([^()]*\))*?,\s*'(\w+)'/g;

/** Methods of the client that send no command of their name. */
const NO_COMMANDS = new Set(['CALL', 'PCALL', 'EXEC']);
/** Commands that the app asks for in vain on purpose: without the permission, it takes another way. */
export const OPTIONAL: readonly string[] = ['CONFIG'];

/** The commands and families that the code of one room uses. */
export interface RoomUse {
  commands: Set<string>;
  families: Set<string>;
}

/** Returns what the code of each room uses, by the name of the room's directory. */
export function usesOfRooms(knowsFamily: (name: string) => boolean): Map<string, RoomUse> {
  const uses = new Map<string, RoomUse>();
  for (const path of readdirSync(PLATFORM, { recursive: true, encoding: 'utf8' })) {
    const [room = '', ...rest] = path.split('/');
    if (!path.endsWith('.ts') || rest.length === 0) continue;
    const source = readFileSync(join(PLATFORM, path), 'utf8');
    const use = uses.get(room) ?? { commands: new Set(), families: new Set() };
    uses.set(room, use);
    for (const name of commandsIn(source)) use.commands.add(name);
    for (const [, family = ''] of source.matchAll(FAMILY)) if (knowsFamily(family)) use.families.add(family);
  }
  return uses;
}

/** Returns the commands in the code of one file. */
export function commandsIn(source: string): string[] {
  const code = source.replace(/^\s*(?:\*|\/\*|\/\/).*$/gm, '');
  const texts = (pattern: RegExp) => [...code.matchAll(pattern)].map(([, name = '']) => name.toUpperCase());
  const methods = texts(METHOD).filter((name) => !NO_COMMANDS.has(name));
  return [
    ...texts(IN_SCRIPT),
    ...methods,
    // The table of replies has every command of such a list; another test checks it.
    ...(code.includes('.exec') ? texts(LISTED).filter(hasShape) : []),
    ...(SCRIPT.test(code) ? ['EVAL', 'EVALSHA'] : []),
    ...(code.includes(SUBSCRIPTION) ? ['SUBSCRIBE'] : []),
  ].filter((name) => !OPTIONAL.includes(name));
}
