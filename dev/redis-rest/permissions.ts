/**
 * Checks the rights of a user for an engine without users, with the replies of Redis 7. The commands of a script are read
 * from its text, so a script is refused before it runs, also for a command that it would not reach. The keys of a script
 * are those in KEYS.
 */
import { createHash } from 'node:crypto';
import type { Command } from './request.ts';
import type { Rights } from './rules.ts';

const KEYLESS = new Set(
  (
    'PING ECHO INFO TIME SCAN DBSIZE KEYS RANDOMKEY FLUSHALL FLUSHDB ACL SCRIPT CONFIG COMMAND LASTSAVE FUNCTION ' +
    'PUBSUB LATENCY SLOWLOG WAIT ROLE'
  ).split(' '),
);
const ALL_ARE_KEYS = new Set(
  'MGET DEL UNLINK EXISTS TOUCH PFCOUNT PFMERGE SUNION SINTER SDIFF RENAME RENAMENX'.split(' '),
);
const SECOND_IS_KEY = new Set('MEMORY OBJECT XGROUP XINFO'.split(' '));
const SCRIPTS = new Set('EVAL EVALSHA EVAL_RO EVALSHA_RO'.split(' '));
const CHANNELS = new Set('SUBSCRIBE PSUBSCRIBE PUBLISH'.split(' '));
const IN_SCRIPT = /redis\.p?call\(\s*["']([A-Za-z_]+)["']/g;

/** Checks commands, and remembers the texts of scripts, which later come by their digest only. */
export class Permissions {
  readonly #commandsOf = new Map<string, readonly string[]>();

  /** Returns the text of the refusal; undefined for a command that the user may send. */
  refusalOf(rights: Rights, command: Command): string | undefined {
    const name = command[0].toUpperCase();
    const words = command.slice(1).map(String);
    const isAllowed = (each: string) => rights.commands === 'all' || rights.commands.has(each);
    if (!isAllowed(name)) return `NOPERM this user has no permissions to run the '${name.toLowerCase()}' command`;
    if (CHANNELS.has(name)) {
      const channels = name === 'PUBLISH' ? words.slice(0, 1) : words;
      return channels.every((channel) => matches(rights.channels, channel))
        ? undefined
        : `${NO_ACCESS} channels${USED}`;
    }
    if (!keysOf(name, words).every((key) => matches(rights.keys, key))) return `${NO_ACCESS} keys${USED}`;
    if (SCRIPTS.has(name) && !this.#commandsIn(name, words[0] ?? '').every(isAllowed)) return IN_SCRIPT_REFUSED;
    return undefined;
  }

  #commandsIn(name: string, script: string): readonly string[] {
    if (name.startsWith('EVALSHA')) return this.#commandsOf.get(script.toLowerCase()) ?? [];
    const digest = createHash('sha1').update(script).digest('hex');
    const known = this.#commandsOf.get(digest);
    if (known) return known;
    const commands = [...script.matchAll(IN_SCRIPT)].map(([, called = '']) => called.toUpperCase());
    this.#commandsOf.set(digest, commands);
    return commands;
  }
}

const NO_ACCESS = 'NOPERM this user has no permissions to access one of the';
const USED = ' used as arguments';
const IN_SCRIPT_REFUSED = "ERR The user executing the script can't run this command or subcommand";

/** Returns the keys of a command. The first argument is the key of each command that is not named here. */
function keysOf(name: string, words: readonly string[]): readonly string[] {
  if (KEYLESS.has(name)) return [];
  if (ALL_ARE_KEYS.has(name)) return words;
  if (SCRIPTS.has(name)) return words.slice(2, 2 + Number(words[1] ?? 0));
  if (SECOND_IS_KEY.has(name) || name === 'BITOP') return name === 'BITOP' ? words.slice(1) : words.slice(1, 2);
  if (name === 'MSET' || name === 'MSETNX') return words.filter((_word, at) => at % 2 === 0);
  if (name === 'XREAD' || name === 'XREADGROUP') {
    const streams = words.slice(words.findIndex((word) => word.toUpperCase() === 'STREAMS') + 1);
    return streams.slice(0, streams.length / 2);
  }
  return words.slice(0, 1);
}

/** Returns whether a name matches one of the patterns, in which only `*` is special. */
function matches(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => expressionOf(pattern).test(name));
}

const expressions = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern);
  if (known) return known;
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('[^]*')}$`);
  expressions.set(pattern, expression);
  return expression;
}
