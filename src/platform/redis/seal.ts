/**
 * Sealing: AES-256-GCM for values that must not be readable in Redis. Each record has its own key (HKDF-SHA-256 of the
 * master key, a random salt and the record's context). The context is bound to the value as associated data, so a value
 * that is copied to another key or tenant cannot be opened. To change the master key, first deploy a key with a new id,
 * and then make it the current key.
 *
 *     s1.<key id>.<salt>.<iv>.<ciphertext and tag>      (base64url)
 */
import { Buffer } from 'node:buffer';

const FORMAT = 's1';
const DIGEST_FORMAT = 'd1';

/** Settings of a {@link Sealer}. `keys` has the master keys by id: 32 bytes each, base64. */
export interface SealerOptions {
  keys: Readonly<Record<string, string>>;
  /** The id of the key that seals. The other keys only open values. */
  current: string;
  /**
   * Called for each value that was altered or sealed with an unknown key. This deserves an alert, but is not an error
   * of the caller.
   */
  onRefused?(reason: 'unknown-key' | 'not-authentic', keyId: string): void;
}

/** Seals and opens texts. `context` names the kind and the place of a text, such as the tenant and the full key. */
export interface Sealer {
  seal(text: string, context: readonly string[]): Promise<string>;
  /**
   * Returns the text; `null` if the context differs, if the text was altered or is not sealed, or if the key id is
   * unknown.
   */
  open(sealed: string, context: readonly string[]): Promise<string | null>;
  /**
   * Returns a keyed digest (HMAC-SHA-256) of a text for each master key, the current key first: a sealed value is found
   * by equality although its ciphertext differs each time. After a change of the key, look for all digests until every
   * row has the first one. A digest begins with the id of its key.
   */
  digests(text: string, context: readonly string[]): Promise<string[]>;
  /** The beginning of every text that is sealed with the current key, and of no other text. */
  readonly currentPrefix: string;
}

/** The sealing keys are missing or wrong. */
export class SealError extends Error {
  override readonly name = 'SealError';
  readonly code = 'SEAL_KEYS';
}

/**
 * Creates a sealer.
 * @throws {SealError} if a key is not 32 bytes of base64, or if `keys` lacks the current key.
 */
export function createSealer({ keys, current, onRefused }: SealerOptions): Sealer {
  const raw = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [id, text] of Object.entries(keys)) {
    const bytes = new Uint8Array(Buffer.from(text, 'base64'));
    if (!/^[\w-]{1,32}$/.test(id) || bytes.length !== 32) throw new SealError(`Sealing key ${id} is not 32 bytes`);
    raw.set(id, bytes);
  }
  if (!raw.has(current)) throw new SealError(`There is no sealing key ${current}`);

  async function recordKey(
    master: Uint8Array<ArrayBuffer>,
    salt: Uint8Array<ArrayBuffer>,
    info: Uint8Array<ArrayBuffer>,
  ) {
    const imported = await crypto.subtle.importKey('raw', master, 'HKDF', false, ['deriveKey']);
    const derivation = { name: 'HKDF', hash: 'SHA-256', salt, info };
    return crypto.subtle.deriveKey(derivation, imported, { name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]);
  }

  const digestKeys = new Map<string, Promise<CryptoKey>>();
  function digestKey(id: string, master: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
    const known = digestKeys.get(id) ?? deriveDigestKey(master);
    digestKeys.set(id, known);
    return known;
  }
  const ids = [current, ...[...raw.keys()].filter((id) => id !== current)];

  return {
    async digests(text, context) {
      return Promise.all(
        ids.map(async (id) => {
          const master = raw.get(id);
          if (!master) throw new SealError(`There is no sealing key ${id}`);
          const key = await digestKey(id, master);
          const mac = await crypto.subtle.sign('HMAC', key, lengthPrefixed([DIGEST_FORMAT, ...context, text]));
          return [DIGEST_FORMAT, id, base64url(new Uint8Array(mac))].join('.');
        }),
      );
    },

    currentPrefix: `${FORMAT}.${current}.`,

    async seal(text, context) {
      const master = raw.get(current);
      if (!master) throw new SealError(`There is no sealing key ${current}`);
      const salt = crypto.getRandomValues(new Uint8Array(16));
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const additionalData = lengthPrefixed([FORMAT, current, ...context]);
      const key = await recordKey(master, salt, additionalData);
      const plain = new TextEncoder().encode(text);
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plain);
      return [FORMAT, current, base64url(salt), base64url(iv), base64url(new Uint8Array(sealed))].join('.');
    },

    async open(sealed, context) {
      const [format, keyId = '', salt = '', iv = '', body = '', ...rest] = sealed.split('.');
      const master = raw.get(keyId);
      if (format !== FORMAT || rest.length > 0 || !master) {
        onRefused?.('unknown-key', /^[\w-]{1,32}$/.test(keyId) ? keyId : '?');
        return null;
      }
      try {
        const additionalData = lengthPrefixed([FORMAT, keyId, ...context]);
        const key = await recordKey(master, bytes(salt), additionalData);
        const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: bytes(iv), additionalData }, key, bytes(body));
        return new TextDecoder().decode(plain);
      } catch {
        onRefused?.('not-authentic', keyId);
        return null;
      }
    },
  };
}

/** Derives the key of digests from a master key, which is never used for two purposes. */
async function deriveDigestKey(master: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const imported = await crypto.subtle.importKey('raw', master, 'HKDF', false, ['deriveKey']);
  const info = new TextEncoder().encode('digest');
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
  return crypto.subtle.deriveKey(derivation, imported, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign']);
}

/**
 * Returns the bytes of all parts, with the length of each part before the part. So two different lists never give the
 * same bytes.
 */
function lengthPrefixed(parts: readonly string[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(parts.map((part) => `${part.length}:${part}`).join(''));
}

function base64url(data: Uint8Array): string {
  return Buffer.from(data).toString('base64url');
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
