/**
 * The impure functions of the platform, as one value that tests can replace: time, randomness, ids and waiting.
 * No other code in `src/` reads a clock or draws a random number, so that tests can run without sleeping.
 */
import { Buffer } from 'node:buffer';
import { ulid } from 'ulid';

/** Time, randomness, ids and waiting, as one injected value. */
export interface System {
  /** Wall-clock time in milliseconds since the epoch. On workerd this time advances only with I/O. */
  now(): number;
  /** A number in [0, 1), for jitter only, never for secrets. */
  random(): number;
  /** An unguessable token of 128 bits, base64url: lease tokens, tag versions, request ids. */
  token(): string;
  /** A secret of 256 bits, base64url: the proof in sessions and refresh tokens. */
  secret(): string;
  /** Unguessable decimal digits, each equally likely: one-time codes. */
  digits(length: number): string;
  /** A sortable row id with a readable prefix, e.g. `deal_01JD…` (a ULID: time first, then 80 random bits). */
  rowId(prefix: string): string;
  /**
   * Milliseconds that scripts of jobs, schedules and codes add to the time of Redis. Only tests set this value, because
   * tests move the time instead of sleeping.
   */
  redisAhead?(): number;
  /**
   * The cost of new password hashes; see `PasswordCost`. Only tests set this cost, because tests make thousands of
   * hashes.
   */
  passwordCost?: { readonly ln: number; readonly r: number; readonly p: number };
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>;
  /** Calls `run` after `ms` milliseconds, unless the returned function is called before. */
  timer(ms: number, run: () => void): () => void;
}

/** The real clock and the platform's cryptographic randomness. */
export const realSystem: System = {
  now: () => Date.now(),
  random: () => Math.random(),
  token: () => base64url(drawRandom(TOKEN_BYTES)),
  secret: () => base64url(crypto.getRandomValues(new Uint8Array(32))),
  digits: drawDigits,
  rowId: (prefix) => `${prefix}_${ulid(undefined, drawBytes(ULID_DRAWS))}`,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  timer(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** The random characters of a ULID, each of which takes one number. */
const ULID_DRAWS = 16;
const TOKEN_BYTES = 16;
const STOCK_BYTES = 4_096;

/**
 * Returns a source of `count` numbers in [0, 1). The library asks for each character, and a write of the CRM makes a
 * hundred characters.
 */
function drawBytes(count: number): () => number {
  const bytes = drawRandom(count);
  let drawn = 0;
  return () => {
    const byte = bytes[drawn];
    if (byte === undefined) throw new RangeError(`More than ${count} numbers were drawn`);
    drawn += 1;
    return byte / 256;
  };
}

/** Random bytes for the next tokens and ids: a call of the platform's generator costs more than making a token. */
let stock = new Uint8Array(0);
let taken = 0;

/** Returns random bytes that no other call returns. */
function drawRandom(count: number): Uint8Array {
  if (taken + count > stock.length) {
    stock = crypto.getRandomValues(new Uint8Array(STOCK_BYTES));
    taken = 0;
  }
  taken += count;
  return stock.subarray(taken - count, taken);
}

function drawDigits(length: number): string {
  let digits = '';
  while (digits.length < length) {
    // Bytes of 250 and above are skipped, because they would make the digits 0 to 5 likelier than the others.
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) if (byte < 250) digits += byte % 10;
  }
  return digits.slice(0, length);
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}
