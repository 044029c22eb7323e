/**
 * The Bloom filter of a guarded query (Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors", CACM 1970):
 * a bit string in Redis that tells which arguments certainly have no value. With 12 bits for each expected member and 8
 * bits set for each, 0.3 % of all strangers look like members. Positions come from two numbers (Kirsch and Mitzenmacher,
 * "Less Hashing, Same Performance", 2006).
 *
 *     <magic, 8 bytes><token of the rebuild, 24 bytes: 8 random ones, and its time in µs><bits, 7 in each byte>
 *
 * The magic depends on the size. A filter says "no" only if the magic stands where it belongs: only a rebuild that has
 * seen all members writes it, so a filter that is missing, was evicted or has another size denies nothing. The highest
 * bit of each byte stays 0: so the filter is ASCII text, and fits into any command.
 */
import { createHash } from 'node:crypto';
import type { SqlStore } from '../sql/index.ts';

/** The size of a filter. */
export interface FilterSize {
  /** The number of bits. A multiple of 7. */
  readonly bits: number;
  /** The first 8 bytes of a complete filter of this size. */
  readonly magic: string;
}

/** A member of a filter: arguments for which the source of a query may have a value. */
export interface Member<Args> {
  tenant: string;
  args: Args;
}

/** The settings of a {@link Guard}. */
export interface BloomSettings<Args> {
  /** The number of members of all tenants together, 1 to 1,000,000. With more, more strangers look like members. */
  expected: number;
  /**
   * Returns a page of all members of all tenants, in the order of a unique column, and the cursor of the next page;
   * `null` after the last one. The first cursor is `''`. The pages must have all rows that are committed.
   */
  members(
    store: Pick<SqlStore, 'query'>,
    cursor: string,
  ): Promise<{ members: readonly Member<Args>[]; next: string | null }>;
}

/** A guard against look-ups of values that do not exist; see {@link bloom}. */
export interface Guard<Args> extends BloomSettings<Args>, FilterSize {}

const BITS_PER_MEMBER = 12;
const HASHES = 8;
const MOST_EXPECTED = 1_000_000;
const BITS_PER_BYTE = 7;
/** The length of the magic, in bytes. */
export const MAGIC_BYTES = 8;
/** The length of the random part of a token, in bytes. */
export const RANDOM_BYTES = 8;
/** The length of the part before the bits, in bytes. */
export const HEADER_BYTES = 32;

/**
 * Declares the guard of a query: reads of arguments that are in no filter return `null`, with 1 command more in the
 * request of the look-up, and without a load. The guard never denies a member: writes must add members with
 * `cache.admit`, and a schedule must rebuild the filter (`guardSchedule` of `holdfast/jobs`).
 * @throws {TypeError} if `expected` is not between 1 and 1,000,000.
 */
export function bloom<Args>(settings: BloomSettings<Args>): Guard<Args> {
  const { expected } = settings;
  if (!(expected >= 1 && expected <= MOST_EXPECTED)) throw new TypeError('A guard expects 1 to 1,000,000 members');
  return { ...settings, ...sizeFor(expected) };
}

/** Returns the size of a filter for so many members. */
export function sizeFor(expected: number): FilterSize {
  const bits = Math.ceil((expected * BITS_PER_MEMBER) / BITS_PER_BYTE) * BITS_PER_BYTE;
  const magic = createHash('sha256').update(`bloom 1 ${bits} ${HASHES}`).digest('base64url').slice(0, MAGIC_BYTES);
  return { bits, magic };
}

/** Returns the offsets of a member's bits in the text of the filter. `member` is the key of the member's entry. */
export function offsetsOf({ bits }: FilterSize, member: string): number[] {
  const digest = createHash('sha256').update(member).digest();
  const first = digest.readUIntBE(0, 6) % bits;
  const second = 1 + (digest.readUIntBE(6, 6) % (bits - 1));
  return Array.from({ length: HASHES }, (_, index) => offsetOf((first + index * second) % bits));
}

/** The offset of a bit, counted from the highest bit of the first byte, as Redis counts. */
function offsetOf(bit: number): number {
  return (HEADER_BYTES + Math.floor(bit / BITS_PER_BYTE)) * 8 + 1 + (bit % BITS_PER_BYTE);
}

/** A filter in memory, to which a rebuild adds all members. */
export interface Filter {
  add(member: string): void;
  /** Returns the text of the complete filter. */
  toText(token: string): string;
}

/** Creates an empty filter. */
export function createFilter(size: FilterSize): Filter {
  const bytes = new Uint8Array(lengthOf(size));
  return {
    add(member) {
      for (const offset of offsetsOf(size, member)) {
        const byte = offset >> 3;
        bytes[byte] = (bytes[byte] ?? 0) | (0x80 >> (offset & 7));
      }
    },
    toText: (token) => size.magic + token + new TextDecoder('ascii').decode(bytes.subarray(HEADER_BYTES)),
  };
}

/** The length of a filter's text, in bytes. */
export function lengthOf({ bits }: FilterSize): number {
  return HEADER_BYTES + bits / BITS_PER_BYTE;
}

/** Returns the time of the rebuild that a header names, in ms since the epoch; `null` if no such filter is complete. */
export function rebuiltAt({ magic }: FilterSize, header: string): number | null {
  if (header.length !== HEADER_BYTES || !header.startsWith(magic)) return null;
  const at = Number(header.slice(MAGIC_BYTES + RANDOM_BYTES));
  return Number.isSafeInteger(at) ? at / 1000 : null;
}
