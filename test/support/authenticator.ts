/**
 * An authenticator in software (WebAuthn Level 3, section 6): ES256 keys, attestation `none`, and a counter that tests
 * may set. Its answers have the form of `PublicKeyCredential.toJSON()`.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
const base64url = (data: Buffer) => data.toString('base64url');

/** Encodes CBOR (RFC 8949) of the few kinds that an authenticator sends. */
function cbor(value: number | string | Buffer | Map<number | string, unknown> | object): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Buffer.concat([
    head(5, entries.length),
    ...entries.flatMap(([name, each]) => [cbor(name as string), cbor(each as Buffer)]),
  ]);
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length]);
  if (length < 256) return Buffer.from([(major << 5) | 24, length]);
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
}

/** Options that a service sends; only the parts that the authenticator reads. */
export interface Options {
  challenge: string;
  rp?: { id?: string };
  rpId?: string;
}

/** The deviations of a browser or an authenticator. */
export interface Deviations {
  origin?: string;
  rpId?: string;
  type?: string;
  /** The signature counter. Default: 0, as of most passkeys. */
  counter?: number;
}

export type Authenticator = ReturnType<typeof createAuthenticator>;

/** Makes an authenticator with one key, in a browser at the origin. */
export function createAuthenticator(origin: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(16);
  const clientData = (type: string, challenge: string, given: Deviations) =>
    Buffer.from(
      JSON.stringify({ type: given.type ?? type, challenge, origin: given.origin ?? origin, crossOrigin: false }),
    );

  return {
    id: base64url(id),
    /** Answers `navigator.credentials.create`. */
    create({ challenge, rp }: Options, given: Deviations = {}) {
      const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, coseKey(publicKey)]);
      const authData = Buffer.concat([
        authenticatorData(given.rpId ?? rp?.id ?? '', 0x45, given.counter ?? 0),
        credential,
      ]);
      return {
        id: base64url(id),
        rawId: base64url(id),
        type: 'public-key',
        clientExtensionResults: {},
        authenticatorAttachment: 'platform',
        response: {
          clientDataJSON: base64url(clientData('webauthn.create', challenge, given)),
          attestationObject: base64url(cbor({ fmt: 'none', attStmt: {}, authData })),
          transports: ['internal'],
        },
      };
    },
    /** Answers `navigator.credentials.get`. */
    get({ challenge, rpId }: Options, given: Deviations = {}) {
      const clientDataJSON = clientData('webauthn.get', challenge, given);
      const data = authenticatorData(given.rpId ?? rpId ?? '', 0x05, given.counter ?? 0);
      const signature = sign('sha256', Buffer.concat([data, sha256(clientDataJSON)]), privateKey);
      return {
        id: base64url(id),
        rawId: base64url(id),
        type: 'public-key',
        clientExtensionResults: {},
        authenticatorAttachment: 'platform',
        response: {
          clientDataJSON: base64url(clientDataJSON),
          authenticatorData: base64url(data),
          signature: base64url(signature),
        },
      };
    },
  };
}

/** Authenticator data: flags 0x01 user present, 0x04 user verified, 0x40 with a credential. */
function authenticatorData(rpId: string, flags: number, counter: number): Buffer {
  const data = Buffer.alloc(5);
  data.writeUInt8(flags);
  data.writeUInt32BE(counter, 1);
  return Buffer.concat([sha256(rpId), data]);
}

function coseKey(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = (text: string) => Buffer.from(text, 'base64url');
  return cbor(
    new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, point(x)],
      [-3, point(y)],
    ]),
  );
}
