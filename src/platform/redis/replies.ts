/**
 * The shapes of replies, and one table with the shape for each command. A reply is data from outside: a server, a proxy
 * or a library may return a wrong type or length. The transport compares each reply with its shape. So callers get
 * either a reply of that shape or a `RedisError` (`REDIS_REPLY`).
 *
 * The shape of a script's reply is stated where the script is declared (`script.ts`), with the same guards.
 */
import type { Command } from './join.ts';

/** Returns whether a value has a shape. */
export type Guard<Value> = (value: unknown) => value is Value;

export const isText: Guard<string> = (value) => typeof value === 'string';
export const isTextOrNull: Guard<string | null> = (value) => value === null || typeof value === 'string';
export const isInteger: Guard<number> = (value): value is number => Number.isInteger(value);

/** Returns a guard for one of these texts or numbers. */
export function isOneOf<const Value extends string | number>(...values: readonly Value[]): Guard<Value> {
  return (value): value is Value => values.includes(value as Value);
}

/** Returns a guard for a list of any length in which all items have one shape. */
export function isListOf<Item>(isItem: Guard<Item>): Guard<Item[]> {
  return (value): value is Item[] => Array.isArray(value) && value.every(isItem);
}

/** Returns a guard for a list of exactly these items. */
export function isTuple<const Items extends readonly unknown[]>(
  ...guards: { readonly [Index in keyof Items]: Guard<Items[Index]> }
): Guard<[...Items]> {
  return (value): value is [...Items] =>
    Array.isArray(value) && value.length === guards.length && guards.every((isItem, at) => isItem(value[at]));
}

/** Returns a guard for a list of any length that begins with these items. */
export function isListFrom<const Items extends readonly unknown[], Rest>(
  guards: { readonly [Index in keyof Items]: Guard<Items[Index]> },
  isRest: Guard<Rest>,
): Guard<[...Items, ...Rest[]]> {
  const isItem = (at: number) => (guards[at] ?? isRest) as Guard<unknown>;
  return (value): value is [...Items, ...Rest[]] =>
    Array.isArray(value) && value.length >= guards.length && value.every((item, at) => isItem(at)(item));
}

/** Returns a guard for a list with one item for each key of the script, or for each group of `keysPerItem` keys. */
export function isListForKeys<Item>(isItem: Guard<Item>, keysPerItem = 1) {
  const isList = isListOf(isItem);
  return (value: unknown, keys: readonly unknown[]): value is Item[] =>
    isList(value) && value.length === keys.length / keysPerItem;
}

/** Returns whether a value is the number of the script's keys. */
export function isCountOfKeys(value: unknown, keys: readonly unknown[]): value is number {
  return value === keys.length;
}

/** Returns a guard for one of two shapes. */
export function isEither<One, Two>(isOne: Guard<One>, isTwo: Guard<Two>): Guard<One | Two> {
  return (value): value is One | Two => isOne(value) || isTwo(value);
}

/**
 * A guard for the reply of a command. The guard also gets the command, because the arguments of some commands determine
 * the length of the reply.
 */
type CommandGuard = (value: unknown, command: Command) => boolean;

const isOk = isOneOf('OK');
const isTexts = isListOf(isText);
const isNumbers = isListOf(isInteger);
/** Accepts a list in which each name is followed by its value. */
const isPairs: CommandGuard = (value) => isTexts(value) && value.length % 2 === 0;
/** Accepts a list in which each member is followed by its score. A server may write a score as a number. */
const isScored: CommandGuard = (value) =>
  Array.isArray(value) &&
  value.length % 2 === 0 &&
  value.every((item, at) => typeof item === 'string' || (at % 2 === 1 && typeof item === 'number'));
const isWalk = isTuple(isEither(isText, isInteger), isTexts);
const isEvent = isTuple(isText, isTexts);

/** Returns a guard for a list with one text or null for each word of the command, without the first `before` words. */
function isTextOrNullForEach(before: number): CommandGuard {
  return (value, command) => {
    if (!Array.isArray(value) || value.length !== command.length - before) return false;
    for (const item of value) if (item !== null && typeof item !== 'string') return false;
    return true;
  };
}

const isRange: CommandGuard = (value, command) => {
  const scored = command.some((argument) => String(argument).toUpperCase() === 'WITHSCORES');
  return scored ? isScored(value, command) : isTexts(value);
};

/** Accepts one number for each `GET type offset`. */
const isBits: CommandGuard = (value, { length }) => isNumbers(value) && value.length === (length - 2) / 3;

/** Accepts any reply: only the declaration of a script or a transaction knows the shape of its reply. */
const isAnything: CommandGuard = () => true;

/** The reply shape of each command that `src` sends, and of a few related commands. */
const SHAPES: Readonly<Record<string, CommandGuard>> = {
  // texts
  GET: isTextOrNull,
  SET: isTextOrNull,
  MGET: isTextOrNullForEach(1),
  STRLEN: isInteger,
  GETRANGE: isText,
  BITFIELD_RO: isBits,
  INCR: isInteger,
  DECR: isInteger,
  INCRBY: isInteger,
  DECRBY: isInteger,
  // keys
  DEL: isInteger,
  UNLINK: isInteger,
  EXISTS: isInteger,
  EXPIRE: isInteger,
  PEXPIRE: isInteger,
  PERSIST: isInteger,
  TTL: isInteger,
  PTTL: isInteger,
  TYPE: isText,
  SCAN: isWalk,
  DBSIZE: isInteger,
  // hashes
  HGET: isTextOrNull,
  HSET: isInteger,
  HSETNX: isInteger,
  HDEL: isInteger,
  HLEN: isInteger,
  HEXISTS: isInteger,
  HINCRBY: isInteger,
  HMGET: isTextOrNullForEach(2),
  // Some servers return null for a hash that does not exist.
  HGETALL: (value) => value === null || isPairs(value, []),
  // sets and sorted sets
  SADD: isInteger,
  SREM: isInteger,
  SCARD: isInteger,
  SMEMBERS: isTexts,
  ZADD: isInteger,
  ZREM: isInteger,
  ZCARD: isInteger,
  ZCOUNT: isInteger,
  ZREMRANGEBYSCORE: isInteger,
  ZREMRANGEBYRANK: isInteger,
  ZRANGE: isRange,
  ZRANGEBYSCORE: isRange,
  ZREVRANGEBYSCORE: isRange,
  // streams
  XADD: isText,
  XLEN: isInteger,
  XDEL: isInteger,
  XRANGE: isListOf(isEvent),
  XREVRANGE: isListOf(isEvent),
  // channels
  PUBLISH: isInteger,
  // the server
  PING: isText,
  INFO: isText,
  MEMORY: (value) => value === null || isInteger(value),
  FLUSHDB: isOk,
  FLUSHALL: isOk,
  CONFIG: isTexts,
  // scripts
  EVAL: isAnything,
  EVALSHA: isAnything,
};

/** Returns whether the table has the reply shape of a command. The name is in upper case. */
export function hasShape(name: string): boolean {
  return Object.hasOwn(SHAPES, name);
}

/** Returns whether a value has the command's reply shape. A command that is not in the table accepts any value. */
export function hasShapeOf(name: string, command: Command, value: unknown): boolean {
  return SHAPES[name]?.(value, command) ?? true;
}
