/** Reads a user of Redis back, and compares its rights with those that it should have. */
import type { Grant } from '../../src/platform/redis/access/index.ts';
import type { Ask } from '../saved/keys.ts';

/** A user as Redis describes it. */
export interface FoundUser {
  isOn: boolean;
  /** The number of passwords; each is a token. */
  tokens: number;
  /** The commands in upper case. A command with one allowed subcommand counts as allowed. */
  commands: readonly string[];
  keys: readonly string[];
  channels: readonly string[];
}

/**
 * Reads a user; undefined if no user has this name. 1 command, and 1 for each category in the rules: Redis 7.0 describes
 * commands by their categories.
 */
export async function readUser(ask: Ask, name: string): Promise<FoundUser | undefined> {
  const reply = (await ask('ACL', 'GETUSER', name)) as unknown[] | null;
  if (reply === null) return undefined;
  const fields = new Map<string, unknown>();
  for (let at = 0; at < reply.length; at += 2) fields.set(String(reply[at]), reply[at + 1]);
  const list = (field: string) => textsOf(fields.get(field));
  return {
    isOn: list('flags').includes('on'),
    tokens: list('passwords').length,
    commands: await commandsOf(ask, list('commands')),
    keys: list('keys').map((pattern) => pattern.replace(/^~/, '')),
    channels: list('channels').map((pattern) => pattern.replace(/^&/, '')),
  };
}

/** Returns the differences between a user and a grant, as lines of text; an empty list if they are equal. */
export function differences(user: FoundUser, grant: Grant): string[] {
  const compare = (what: string, found: readonly string[], wanted: readonly string[]) => [
    ...wanted.filter((each) => !found.includes(each)).map((each) => `misses the ${what} ${each}`),
    ...found
      .filter((each) => !wanted.includes(each))
      .map((each) => `has the ${what} ${each}, which the app does not use`),
  ];
  return [
    ...(user.isOn ? [] : ['is off']),
    ...compare('command', user.commands, grant.commands),
    ...compare('keys', user.keys, grant.keys),
    ...compare('channels', user.channels, grant.channels),
  ];
}

/** A server sends the rules as one text or as a list of texts. */
function textsOf(value: unknown): string[] {
  const texts = Array.isArray(value) ? value.map(String) : [String(value ?? '')];
  return texts.flatMap((text) => text.split(' ')).filter((text) => text !== '');
}

async function commandsOf(ask: Ask, rules: readonly string[]): Promise<string[]> {
  const allowed = new Set<string>();
  for (const rule of rules) {
    const [sign, name] = [rule.charAt(0), rule.slice(1).toLowerCase()];
    const names = name.startsWith('@') ? await category(ask, sign, name.slice(1)) : [name];
    for (const each of names) sign === '+' ? allowed.add(each) : remove(allowed, each);
  }
  return [...new Set([...allowed].map((each) => each.split('|', 1).join('').toUpperCase()))].toSorted();
}

async function category(ask: Ask, sign: string, name: string): Promise<string[]> {
  // `-@all` begins the rules, when no command is allowed yet. `+@all` stays as it is: it differs from every grant.
  if (name === 'all') return sign === '+' ? ['@all'] : [];
  return textsOf(await ask('ACL', 'CAT', name));
}

/** Removes a command, and with a whole command its subcommands. */
function remove(allowed: Set<string>, name: string): void {
  for (const each of allowed) if (each === name || each.startsWith(`${name}|`)) allowed.delete(each);
}
