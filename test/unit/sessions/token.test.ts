/** Tokens have one spelling, and every other text gives `null`: no text throws. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAuthKeys } from '../../../src/platform/sessions/keys.ts';
import { formatRefreshToken, isGenuine, parseRefreshToken } from '../../../src/platform/sessions/refresh-token.ts';
import { digestOf, formatSessionToken, parseSessionToken, provesDigest } from '../../../src/platform/sessions/token.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { mutated } from '../../support/mutated.ts';

const keys = createAuthKeys(`k1:${btoa('a'.repeat(32))}`);
const parts = () => ({
  tenant: 'acme-2',
  bucket: realSystem.token(),
  sid: realSystem.token(),
  secret: realSystem.secret(),
});
const refreshParts = () => ({
  tenant: 'acme-2',
  bucket: realSystem.token(),
  family: realSystem.token(),
  generation: 41,
  secret: realSystem.secret(),
});

describe('session tokens', () => {
  test('are read back unchanged', () => {
    for (let each = 0; each < 100; each += 1) {
      const token = parts();
      const text = formatSessionToken(token);
      expect(text).toMatch(/^v1\.acme-2(\.[\w-]{22}){2}\.[\w-]{43}$/);
      expect(parseSessionToken(text)).toEqual(token);
    }
  });

  test('a text of another form gives `null`', () => {
    const { tenant, bucket, sid, secret } = parts();
    for (const text of [
      '',
      'v1',
      'v1....',
      `v2.${tenant}.${bucket}.${sid}.${secret}`,
      `v1.Acme.${bucket}.${sid}.${secret}`,
      `v1.-acme.${bucket}.${sid}.${secret}`,
      `v1.${'a'.repeat(41)}.${bucket}.${sid}.${secret}`,
      `v1.${tenant}.${bucket}.${sid}~.${secret}`,
      `v1.${tenant}.${bucket}.${sid}.${secret}.`,
      `v1.${tenant}.${bucket}.${sid}.${secret}\n`,
      `v1.${tenant}.${bucket}.${sid}.${'A'.repeat(10_000_000)}`,
    ]) {
      expect(parseSessionToken(text)).toBeNull();
    }
  });

  test('10,000 damaged tokens: none throws, and none is read as a different token', () => {
    const good = formatSessionToken(parts());
    const property = fc.property(mutated(good), (text) => {
      const token = parseSessionToken(text);
      // A text that is read is itself a valid token, in which every character counts.
      if (token) expect(formatSessionToken(token)).toBe(text);
    });
    fc.assert(property, { numRuns: 10_000 });
  });

  test('one spelling for each secret', () => {
    const token = parts();
    const good = formatSessionToken(token);
    const spellings = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
      .map((last) => good.slice(0, -1) + last)
      .filter((text) => {
        const { secret = '' } = parseSessionToken(text) ?? {};
        return Buffer.from(secret, 'base64url').equals(Buffer.from(token.secret, 'base64url'));
      });
    expect(spellings).toEqual([good]);
  });
});

describe('digests', () => {
  test('match one secret only', () => {
    const secret = realSystem.secret();
    expect(provesDigest(secret, digestOf(secret))).toBe(true);
    expect(provesDigest(realSystem.secret(), digestOf(secret))).toBe(false);
  });

  test('of an invalid form match no secret', () => {
    for (const digest of [undefined, '', 'A', 'A'.repeat(43), 'A'.repeat(44)]) {
      expect(provesDigest(realSystem.secret(), digest)).toBe(false);
    }
  });
});

describe('refresh tokens', () => {
  test('are read back unchanged and recognized as ours', () => {
    const token = refreshParts();
    const read = parseRefreshToken(formatRefreshToken(keys, token));
    expect(read).toMatchObject(token);
    expect(read && isGenuine(keys, read)).toBe(true);
  });

  test('are recognized under older keys, and under no foreign key', () => {
    const read = parseRefreshToken(formatRefreshToken(keys, refreshParts()));
    if (!read) throw new Error('That is a token');
    expect(isGenuine(createAuthKeys(`k2:${btoa('b'.repeat(32))},k1:${btoa('a'.repeat(32))}`), read)).toBe(true);
    expect(isGenuine(createAuthKeys(`k1:${btoa('b'.repeat(32))}`), read)).toBe(false);
  });

  test('10,000 damaged refresh tokens: none throws, and none is recognized as ours', () => {
    const good = formatRefreshToken(keys, refreshParts());
    const property = fc.property(mutated(good), (text) => {
      const token = parseRefreshToken(text);
      if (token) expect(isGenuine(keys, token)).toBe(false);
    });
    fc.assert(property, { numRuns: 10_000 });
  });

  test.each(['0', '01', '-1', '1e3', '1.0', '+1', '1000000000', ' 1', '١'])(
    'generation %j is refused',
    (generation) => {
      const { tenant, bucket, family, secret } = refreshParts();
      expect(parseRefreshToken(`r1.${tenant}.${bucket}.${family}.${generation}.${secret}.${secret}`)).toBeNull();
    },
  );
});
