/** Keys by purpose: a MAC of one purpose, key or user is not valid for another, and older keys still verify. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AuthKeysError, createAuthKeys, sameText } from '../../../src/platform/sessions/keys.ts';

const key = (letter: string) => btoa(letter.repeat(32));
const one = createAuthKeys(`k1:${key('a')}`);
const two = createAuthKeys(`k2:${key('b')},k1:${key('a')}`);

describe('buckets', () => {
  test('are 128 bits in base64url, one for each key, the current key first', () => {
    expect(one.bucketsOf('acme', 'user_1')).toEqual([expect.stringMatching(/^[\w-]{22}$/)]);
    const [current, older] = two.bucketsOf('acme', 'user_1');
    expect(current).not.toBe(older);
    expect(older).toBe(one.bucketsOf('acme', 'user_1')[0]);
  });

  test('differ between users, even if tenant and user only shift', () => {
    expect(one.bucketsOf('ab', 'c')).not.toEqual(one.bucketsOf('a', 'bc'));
    expect(one.bucketsOf('1:a', 'b')).not.toEqual(one.bucketsOf('1', ':ab'));
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (tenant, user, otherTenant, otherUser) => {
        fc.pre(tenant !== otherTenant || user !== otherUser);
        expect(one.bucketsOf(tenant, user)).not.toEqual(one.bucketsOf(otherTenant, otherUser));
      }),
    );
  });
});

describe('MACs', () => {
  test('verify under the key that made them, also when it is no longer the current one', () => {
    const made = one.hmac('code', 'text');
    expect(made).toEqual({ keyId: 'k1', mac: expect.stringMatching(/^[\w-]{43}$/) });
    expect(two.hmac('code', 'text').keyId).toBe('k2');
    expect(two.verifyHmac('code', 'k1', 'text', made.mac)).toBe(true);
  });

  test('verify under no other key, purpose or text', () => {
    const { mac } = one.hmac('code', 'text');
    expect(one.verifyHmac('refresh', 'k1', 'text', mac)).toBe(false);
    expect(one.verifyHmac('code', 'k1', 'other', mac)).toBe(false);
    expect(two.verifyHmac('code', 'k2', 'text', mac)).toBe(false);
    expect(one.verifyHmac('code', 'k9', 'text', mac)).toBe(false);
    expect(one.bytes('code', 'k9')).toBeNull();
    for (const changed of ['', mac.slice(1), `${mac}A`, `${mac}=`]) {
      expect(one.verifyHmac('code', 'k1', 'text', changed)).toBe(false);
    }
    // The last character carries 4 bits: three other spellings decode to the same bytes.
    const spellings = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map(
      (last) => mac.slice(0, -1) + last,
    );
    expect(spellings.filter((each) => one.verifyHmac('code', 'k1', 'text', each))).toEqual([mac]);
  });
});

test.each([
  ['nothing', ''],
  ['no id', `:${key('a')}`],
  ['31 bytes', `k1:${btoa('a'.repeat(31))}`],
  ['the same id twice', `k1:${key('a')},k1:${key('b')}`],
])('%s is refused as a key ring', (_, text) => {
  expect(() => createAuthKeys(text)).toThrow(AuthKeysError);
  if (text.length > 10) expect(() => createAuthKeys(text)).not.toThrow(text.slice(4, 12));
});

test('texts are compared as texts', () => {
  expect(sameText('abc', 'abc')).toBe(true);
  for (const other of ['abd', 'ab', 'abcd', '', 'äbc']) expect(sameText('abc', other)).toBe(false);
});
