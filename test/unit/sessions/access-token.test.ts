/** Access tokens: issued by us, of the right type, for our audience, for five minutes. Any other text gives `null`. */
import fc from 'fast-check';
import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  ACCESS_TOKEN_MS,
  type AccessTokenOptions,
  signAccessToken,
  verifyAccessToken,
} from '../../../src/platform/sessions/access-token.ts';
import { createAuthKeys } from '../../../src/platform/sessions/keys.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { mutated } from '../../support/mutated.ts';

const keys = createAuthKeys(`k1:${btoa('a'.repeat(32))}`);
const options: AccessTokenOptions = {
  keys,
  issuer: 'https://api.example.com',
  audience: 'https://api.example.com',
};
const now = Date.UTC(2026, 10, 20, 12);
const grant = {
  tenant: 'acme',
  userId: 'user_1',
  role: 'member',
  methods: ['pwd'],
  authenticatedAt: now - 60_000,
  id: realSystem.token(),
  bucket: keys.bucketsOf('acme', 'user_1')[0],
  epochs: { tenant: '', user: 'e1' },
};
const good = await signAccessToken(options, grant, now, 'token-1');
const verify = (text: string, at = now, with_ = options) => verifyAccessToken(with_, text, at);

/** The parts of a token, decoded. */
function partsOf(token: string) {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const decode = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
  return { header: decode(header), payload: decode(payload), signature };
}

interface Change {
  header?: Record<string, unknown>;
  payload?: Record<string, unknown>;
}

/** A token like ours, with some of its parts changed. */
async function signed(change: Change, key = keys.bytes('access', 'k1') ?? new Uint8Array()): Promise<string> {
  const { header, payload } = partsOf(good);
  const claims = Object.fromEntries(
    Object.entries({ ...payload, ...change.payload }).filter(([, value]) => value !== undefined),
  );
  return new SignJWT(claims).setProtectedHeader({ ...header, ...change.header } as { alg: string }).sign(key);
}

describe('an access token', () => {
  test('names its bearer', async () => {
    expect(await verify(good)).toEqual({ ...grant, expiresAt: now + ACCESS_TOKEN_MS });
    const { header, payload } = partsOf(good);
    expect(header).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' });
    expect(payload).toMatchObject({ iss: options.issuer, aud: options.audience, sub: 'user_1', jti: 'token-1' });
    expect(Number(payload['exp']) - Number(payload['iat'])).toBe(300);
    expect(await verify(await signed({}))).not.toBeNull();
  });

  test('has the time of the proof of a second factor, in seconds, if there was one', async () => {
    const factorAt = now - 30_000;
    const text = await signAccessToken(options, { ...grant, factorAt }, now, 'token-2');
    expect(partsOf(text).payload).toMatchObject({ factor_time: factorAt / 1000 });
    expect(await verify(text)).toEqual({ ...grant, factorAt, expiresAt: now + ACCESS_TOKEN_MS });
    expect(partsOf(good).payload).not.toHaveProperty('factor_time');
  });

  test('lasts five minutes, and the clocks may differ by five seconds', async () => {
    expect(await verify(good, now + 304_999)).not.toBeNull();
    expect(await verify(good, now + 305_000)).toBeNull();
    expect(await verify(good, now - 5_000)).not.toBeNull();
    expect(await verify(good, now - 6_000)).toBeNull();
  });

  test('verifies under an older key of the ring, and under no other', async () => {
    const newer = createAuthKeys(`k2:${btoa('b'.repeat(32))},k1:${btoa('a'.repeat(32))}`);
    expect(await verify(good, now, { ...options, keys: newer })).not.toBeNull();
    for (const text of [`k1:${btoa('b'.repeat(32))}`, `k2:${btoa('a'.repeat(32))}`]) {
      expect(await verify(good, now, { ...options, keys: createAuthKeys(text) })).toBeNull();
    }
  });
});

describe('refuses', () => {
  test.each<[string, Change, Uint8Array?]>([
    ['another issuer', { payload: { iss: 'https://evil.example' } }],
    ['another audience', { payload: { aud: 'https://other.example.com' } }],
    ['no audience', { payload: { aud: undefined } }],
    ['no issuer', { payload: { iss: undefined } }],
    ['no subject', { payload: { sub: undefined } }],
    ['no end', { payload: { exp: undefined } }],
    ['no beginning', { payload: { iat: undefined } }],
    ['no id', { payload: { jti: undefined } }],
    ['an expiry in the far future', { payload: { iat: now / 1000 - 400, exp: now / 1000 + 9_999_999 } }],
    ['a start in the future', { payload: { iat: now / 1000 + 60 } }],
    ['not yet valid', { payload: { nbf: now / 1000 + 60 } }],
    ['another user in this bucket', { payload: { sub: 'user_2' } }],
    ['another tenant in this bucket', { payload: { tenant: 'globex' } }],
    ['a subject that is not a text', { payload: { sub: 7 } }],
    ['methods that are no texts', { payload: { amr: [1] } }],
    ['a time of the second factor that is no number', { payload: { factor_time: '1' } }],
    ['one epoch', { payload: { epochs: [''] } }],
    ['a role that is not a text', { payload: { role: ['admin'] } }],
    ['another type', { header: { typ: 'JWT' } }],
    ['no type', { header: { typ: undefined } }],
    ['another key id', { header: { kid: 'k9' } }],
    ['no key id', { header: { kid: undefined } }],
    ['an unknown extension', { header: { crit: ['x'], x: 1 } }],
    ['HS512', { header: { alg: 'HS512' } }, new Uint8Array(64).fill(97)],
    ['HS384', { header: { alg: 'HS384' } }, new Uint8Array(48).fill(97)],
    ['a key for another purpose', {}, keys.bytes('refresh', 'k1') ?? new Uint8Array()],
    ['the master key', {}, new TextEncoder().encode('a'.repeat(32))],
  ])('%s', async (_, change, key) => {
    const text = await signed(change, key).catch(() => null);
    // Tokens that jose refuses to sign are put together by hand.
    const { header, payload, signature } = partsOf(good);
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const byHand = [encode({ ...header, ...change.header }), encode({ ...payload, ...change.payload }), signature].join(
      '.',
    );
    expect(await verify(text ?? byHand)).toBeNull();
  });

  test('alg: none, in every spelling', async () => {
    const { payload, signature } = partsOf(good);
    const unsecured = new UnsecuredJWT(payload).encode();
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null]) {
      const header = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt', kid: 'k1' })).toString('base64url');
      const body = good.split('.')[1];
      for (const end of ['', signature]) expect(await verify(`${header}.${body}.${end}`)).toBeNull();
    }
    expect(await verify(unsecured)).toBeNull();
  });

  test('the same signature in another spelling', async () => {
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const accepted = await Promise.all([...last].map((each) => verify(good.slice(0, -1) + each)));
    expect(accepted.filter(Boolean)).toHaveLength(1);
    for (const spelled of [
      `${good}=`,
      `${good} `,
      good.replace(/-|_/g, '+'),
      `Bearer ${good}`,
      'A'.repeat(10_000_000),
    ]) {
      if (spelled !== good) expect(await verify(spelled)).toBeNull();
    }
  });

  test('10,000 damaged ones: none is accepted, none throws', async () => {
    const property = fc.asyncProperty(mutated(good), async (text) => {
      expect(await verify(text)).toBeNull();
    });
    await fc.assert(property, { numRuns: 10_000 });
  });
});
