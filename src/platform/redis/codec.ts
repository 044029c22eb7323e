/**
 * Values to text and back. Plain JSON stays plain JSON, so that a cached answer can be sent as it is stored; a value
 * that JSON would change (Date, BigInt, Map, Set, Decimal, undefined, NaN, cycles) is written by devalue instead.
 */
import { Decimal } from '@prisma/client-runtime-utils';
import { parse, stringify } from 'devalue';
import { RedisError } from './errors.ts';

/** How a value was written: `j` plain JSON, `d` devalue. Stored beside the text. */
export type Encoding = 'j' | 'd';

/** A value as text, and how to read it. */
export interface Encoded {
  encoding: Encoding;
  text: string;
}

/**
 * Writes a value. Functions, symbols and instances of unknown classes cannot be written.
 * @throws {Error} if the value holds something neither form can carry.
 */
export function encode(value: unknown): Encoded {
  return isPlainJson(value)
    ? { encoding: 'j', text: JSON.stringify(value) }
    : { encoding: 'd', text: stringify(value, { Decimal: (item) => Decimal.isDecimal(item) && item.toString() }) };
}

/**
 * Reads what {@link encode} wrote.
 * @throws {RedisError} `REDIS_REPLY` for a text that `encode` did not write.
 */
export function decode({ encoding, text }: Encoded): unknown {
  try {
    return encoding === 'j' ? JSON.parse(text) : parse(text, { Decimal: (digits: string) => new Decimal(digits) });
  } catch {
    // The error of a parser quotes the text.
    throw new RedisError('REDIS_REPLY', 'A stored value cannot be read');
  }
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
