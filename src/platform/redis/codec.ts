/**
 * Encodes values as text, and decodes the text. Plain JSON is stored as JSON, so that a cached answer can be sent as
 * it is stored. Devalue encodes any value that JSON would change (Date, BigInt, Map, Set, undefined, NaN, cycles,
 * registered types).
 */
import { parse, stringify } from 'devalue';
import { RedisError } from './errors.ts';

/** The format of a text: `j` is plain JSON, `d` is devalue. The letter is stored beside the text. */
export type Encoding = 'j' | 'd';

/** A value as text, with the format of the text. */
export interface Encoded {
  encoding: Encoding;
  text: string;
}

/** A class whose instances can be stored. */
export interface ValueType<Value> {
  is(value: unknown): value is Value;
  /** Returns the value as text, at least one character. */
  write(value: Value): string;
  read(text: string): Value;
}

const types = new Map<string, ValueType<unknown>>();

/**
 * Registers a class, so that its values can be cached, and can be inputs and results of jobs. Every program that
 * reads such values must call this function when the program is loaded.
 * @param name is stored with each value, so the name must stay the same.
 * @example
 * ```ts
 * registerType('Decimal', { is: (value) => value instanceof Decimal, write: String, read: (text) => new Decimal(text) });
 * ```
 */
export function registerType<Value>(name: string, type: ValueType<Value>): void {
  types.set(name, type as ValueType<unknown>);
}

/**
 * Encodes a value. Functions, symbols and instances of unknown classes cannot be encoded.
 * @throws {Error} if the value contains a part that neither JSON nor devalue can encode.
 */
export function encode(value: unknown): Encoded {
  return isPlainJson(value)
    ? { encoding: 'j', text: JSON.stringify(value) }
    : { encoding: 'd', text: stringify(value, writers()) };
}

/**
 * Decodes a text that {@link encode} wrote.
 * @throws {RedisError} `REDIS_REPLY` for any other text.
 */
export function decode({ encoding, text }: Encoded): unknown {
  try {
    return encoding === 'j' ? JSON.parse(text) : parse(text, readers());
  } catch {
    // The parser's error is dropped, because it quotes the text.
    throw new RedisError('REDIS_REPLY', 'A stored value cannot be read');
  }
}

function writers(): Record<string, (item: unknown) => string | false> {
  return Object.fromEntries([...types].map(([name, type]) => [name, (item) => type.is(item) && type.write(item)]));
}

function readers(): Record<string, (text: string) => unknown> {
  return Object.fromEntries([...types].map(([name, type]) => [name, type.read]));
}

/** Returns whether JSON keeps the value unchanged. The depth is limited, so that devalue encodes cycles. */
function isPlainJson(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || depth > 100) return false;
  if (Array.isArray(value)) return value.every((item) => isPlainJson(item, depth + 1));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every((item) => isPlainJson(item, depth + 1));
}
