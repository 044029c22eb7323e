/**
 * Values to text and back. Plain JSON stays plain JSON, so that a cached answer can be sent as it is stored; a value
 * that JSON would change (Date, BigInt, Map, Set, undefined, NaN, cycles, registered types) is written by devalue
 * instead.
 */
import { parse, stringify } from 'devalue';
import { RedisError } from './errors.ts';

/** How a value was written: `j` plain JSON, `d` devalue. Stored beside the text. */
export type Encoding = 'j' | 'd';

/** A value as text, and how to read it. */
export interface Encoded {
  encoding: Encoding;
  text: string;
}

/** A class whose instances can be stored. */
export interface ValueType<Value> {
  is(value: unknown): value is Value;
  /** The value as text, at least one character. */
  write(value: Value): string;
  read(text: string): Value;
}

const types = new Map<string, ValueType<unknown>>();

/**
 * Lets values of a class be cached, and be inputs and results of jobs. Call it when the program is loaded, in every
 * program that reads such values.
 * @param name is stored with each value, so it must stay the same.
 * @example
 * ```ts
 * registerType('Decimal', { is: (value) => value instanceof Decimal, write: String, read: (text) => new Decimal(text) });
 * ```
 */
export function registerType<Value>(name: string, type: ValueType<Value>): void {
  types.set(name, type as ValueType<unknown>);
}

/**
 * Writes a value. Functions, symbols and instances of unknown classes cannot be written.
 * @throws {Error} if the value holds something neither form can carry.
 */
export function encode(value: unknown): Encoded {
  return isPlainJson(value)
    ? { encoding: 'j', text: JSON.stringify(value) }
    : { encoding: 'd', text: stringify(value, writers()) };
}

/**
 * Reads what {@link encode} wrote.
 * @throws {RedisError} `REDIS_REPLY` for a text that `encode` did not write.
 */
export function decode({ encoding, text }: Encoded): unknown {
  try {
    return encoding === 'j' ? JSON.parse(text) : parse(text, readers());
  } catch {
    // The error of a parser quotes the text.
    throw new RedisError('REDIS_REPLY', 'A stored value cannot be read');
  }
}

function writers(): Record<string, (item: unknown) => string | false> {
  return Object.fromEntries([...types].map(([name, type]) => [name, (item) => type.is(item) && type.write(item)]));
}

function readers(): Record<string, (text: string) => unknown> {
  return Object.fromEntries([...types].map(([name, type]) => [name, type.read]));
}

/** Whether JSON gives back an equal value. Depth is bounded so that a cycle ends up with devalue, which keeps it. */
function isPlainJson(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || depth > 100) return false;
  if (Array.isArray(value)) return value.every((item) => isPlainJson(item, depth + 1));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every((item) => isPlainJson(item, depth + 1));
}
