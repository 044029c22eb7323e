/**
 * Stored passwords: scrypt hashes (RFC 7914). Each hash is stored with its salt and its cost, so a later release can
 * raise the cost. A password is still checked against an older hash, and can then be hashed again with the new cost.
 *
 *     $scrypt$ln=14,r=8,p=5$<salt>$<hash>      (base64 without padding, as in the PHC string format)
 */
import { Buffer } from 'node:buffer';
import { scrypt, timingSafeEqual } from 'node:crypto';

/** The cost of one hash: 2^ln × r × 128 bytes of memory, and p passes over this memory. */
export interface PasswordCost {
  ln: number;
  r: number;
  p: number;
}

/** The result of a password check. */
export interface PasswordCheck {
  ok: boolean;
  /**
   * `true` if the password is right, but the stored hash does not have the cost of new hashes. Then store a new hash.
   */
  needsRehash: boolean;
}

/**
 * The fourth of five equivalent settings in OWASP's Password Storage Cheat Sheet. The first setting (ln=17, p=1) needs
 * 128 MiB, which is all the memory of an isolate on Workers. The fourth setting needs 16 MiB and more time, so an
 * isolate has enough memory for a few sign-ins at once.
 */
export const PASSWORD_COST: PasswordCost = { ln: 14, r: 8, p: 5 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** The highest cost that a stored hash may have. A hash with a higher cost was not made by this app and is refused. */
const MOST_MEMORY_BYTES = 64 * 1024 * 1024;
const MOST_PASSES = 16;

/** Hashes a password. Takes about 100 ms of CPU and 16 MiB at the default cost. */
export async function hashPassword(password: string, cost: PasswordCost = PASSWORD_COST): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const hash = await derive(password, salt, cost, HASH_BYTES);
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(hash)}`;
}

/**
 * Checks a password against a stored hash, in constant time. A stored value that is not a hash of this form gives `ok:
 * false` without an error, and takes as long as a hash. A password that scrypt cannot distinguish from another password
 * (`isDistinct`) also gives `ok: false`.
 * @param cost the cost of new hashes.
 */
export async function verifyPassword(
  password: string,
  stored: string,
  cost: PasswordCost = PASSWORD_COST,
): Promise<PasswordCheck> {
  const known = parse(stored);
  if (known === null || !isDistinct(password)) {
    await verifyAbsent(password, cost);
    return { ok: false, needsRehash: false };
  }
  const hash = await derive(password, known.salt, known.cost, known.hash.length);
  const ok = timingSafeEqual(hash, known.hash);
  const { ln, r, p } = known.cost;
  return { ok, needsRehash: ok && (ln !== cost.ln || r !== cost.r || p !== cost.p) };
}

/**
 * Does the work of {@link verifyPassword} for a user who does not exist or has no password, so that the time of an
 * answer does not show who has an account (ASVS 6.3.8). Always resolves to `ok: false`.
 */
export async function verifyAbsent(password: string, cost: PasswordCost = PASSWORD_COST): Promise<PasswordCheck> {
  const hash = await derive(password, new Uint8Array(SALT_BYTES), cost, HASH_BYTES);
  timingSafeEqual(hash, new Uint8Array(HASH_BYTES));
  return { ok: false, needsRehash: false };
}

/**
 * Returns the NFKC form of a password, as NIST SP 800-63B advises, because different keyboards send different code
 * points for the same characters. The password is not shortened, and case and spaces count.
 */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}

/**
 * Returns whether scrypt distinguishes the password from every other password. HMAC pads a short key with NUL (RFC
 * 2104), so `a` and `a\0` have the same hash. In UTF-8, each half of a surrogate pair becomes U+FFFD.
 */
export function isDistinct(password: string): boolean {
  return password.isWellFormed() && !password.includes('\0');
}

function derive(password: string, salt: Uint8Array, { ln, r, p }: PasswordCost, length: number): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: 2 * MOST_MEMORY_BYTES };
  return new Promise((resolve, reject) => {
    scrypt(normalizePassword(password), salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

interface Stored {
  cost: PasswordCost;
  salt: Buffer;
  hash: Buffer;
}

const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{16,86})\$([A-Za-z0-9+/]{43,86})$/;

function parse(stored: string): Stored | null {
  const match = FORM.exec(stored);
  if (match === null) return null;
  const [ln = 0, r = 0, p = 0] = match.slice(1, 4).map(Number);
  const affordable = 2 ** ln * r * 128 <= MOST_MEMORY_BYTES && p <= MOST_PASSES;
  if (!affordable || ln < 1 || r < 1 || p < 1) return null;
  const [salt, hash] = match.slice(4).map((text) => Buffer.from(text, 'base64'));
  return salt && hash ? { cost: { ln, r, p }, salt, hash } : null;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}
