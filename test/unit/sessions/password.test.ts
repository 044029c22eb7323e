/** Password hashes: right or wrong for any stored text, and recognized by the cost of their making. */
import { scryptSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { hashPassword, verifyAbsent, verifyPassword } from '../../../src/platform/passwords/index.ts';
import { isDistinct, PASSWORD_COST } from '../../../src/platform/passwords/password.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { anyText } from '../../support/any-text.ts';

const scrypt = vi.hoisted(() => vi.fn());
vi.mock('node:crypto', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:crypto')>();
  scrypt.mockImplementation(original.scrypt);
  return { ...original, scrypt };
});

/** Weak, so that tests are fast. */
const CHEAP = { ln: 4, r: 8, p: 1 };

describe('hashPassword', () => {
  test('stores the cost and a salt of 16 bytes with the hash, and hashes with them', async () => {
    const stored = await hashPassword('correct horse', CHEAP);
    const [, name, cost, salt = '', hash = ''] = stored.split('$');
    expect([name, cost]).toEqual(['scrypt', 'ln=4,r=8,p=1']);
    expect(Buffer.from(salt, 'base64')).toHaveLength(16);
    const expected = scryptSync('correct horse', Buffer.from(salt, 'base64'), 32, { N: 16, r: 8, p: 1 });
    expect(Buffer.from(hash, 'base64')).toEqual(expected);
  });

  test('costs 16 MiB and five passes by default, as OWASP asks', async () => {
    expect(PASSWORD_COST).toEqual({ ln: 14, r: 8, p: 5 });
    expect(realSystem.passwordCost).toBeUndefined();
    expect(128 * 2 ** PASSWORD_COST.ln * PASSWORD_COST.r).toBe(16 * 1024 * 1024);
    const stored = await hashPassword('correct horse');
    expect(stored).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$/);
    expect(await verifyPassword('correct horse', stored)).toEqual({ ok: true, needsRehash: false });
  });

  test('two hashes of one password differ', async () => {
    expect(await hashPassword('same', CHEAP)).not.toBe(await hashPassword('same', CHEAP));
  });
});

describe('verifyPassword', () => {
  test('accepts only the right password', async () => {
    await fc.assert(
      fc.asyncProperty(anyText(), anyText(), async (right, other) => {
        fc.pre(isDistinct(right));
        const stored = await hashPassword(right, CHEAP);
        expect(await verifyPassword(right, stored, CHEAP)).toEqual({ ok: true, needsRehash: false });
        const same = right.normalize('NFKC') === other.normalize('NFKC');
        expect((await verifyPassword(other, stored, CHEAP)).ok).toBe(same);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['composed and decomposed', 'Zürich', 'Zu\u0308rich'],
    ['full width', 'ｐａｓｓ', 'pass'],
    ['ligature', 'ﬁsh', 'fish'],
  ])('%s are the same password', async (_name, one, other) => {
    expect(await verifyPassword(other, await hashPassword(one, CHEAP), CHEAP)).toMatchObject({ ok: true });
  });

  test.each([
    ['case', 'Secret', 'secret'],
    ['a blank at the end', 'secret ', 'secret'],
    ['a change after 72 bytes', `${'x'.repeat(72)}a`, `${'x'.repeat(72)}b`],
    ['a change after a NUL', 'secret\0a', 'secret\0b'],
  ])('%s makes a different password', async (_name, one, other) => {
    expect(await verifyPassword(other, await hashPassword(one, CHEAP), CHEAP)).toEqual({
      ok: false,
      needsRehash: false,
    });
  });

  test.each([
    ['a NUL at the end of nothing', '', '\0'],
    ['a NUL at the end', 'secret', 'secret\0'],
    ['another half of a surrogate pair', 'secret\ud800', 'secret\udbff'],
    ['the replacement character of such a half', 'secret\ufffd', 'secret\udbff'],
  ])('%s has the scrypt hash of another password and is always refused', async (_name, one, other) => {
    expect(await verifyPassword(other, await hashPassword(one, CHEAP), CHEAP)).toEqual({
      ok: false,
      needsRehash: false,
    });
  });

  test('a right password with a hash of another cost needs a new hash; a wrong password does not', async () => {
    const old = await hashPassword('password', { ...CHEAP, ln: 3 });
    expect(await verifyPassword('password', old, CHEAP)).toEqual({ ok: true, needsRehash: true });
    expect(await verifyPassword('wrong', old, CHEAP)).toEqual({ ok: false, needsRehash: false });
    const passes = await hashPassword('password', { ...CHEAP, p: 2 });
    expect(await verifyPassword('password', passes, CHEAP)).toEqual({ ok: true, needsRehash: true });
  });

  const salt = 'A'.repeat(22);
  const hash = 'A'.repeat(43);
  test.each([
    '',
    'password',
    '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
    '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$AAAA',
    `$scrypt$ln=4,r=8,p=1$${salt}$`,
    `$scrypt$ln=4,r=8,p=1$${salt}$${hash}$`,
    `$scrypt$ln=4,r=8,p=1$$${hash}`,
    `$scrypt$ln=0,r=8,p=1$${salt}$${hash}`,
    `$scrypt$ln=4,r=0,p=1$${salt}$${hash}`,
    `$scrypt$ln=4,r=8,p=0$${salt}$${hash}`,
    `$scrypt$ln=30,r=8,p=1$${salt}$${hash}`,
    `$scrypt$ln=4,r=8,p=99$${salt}$${hash}`,
    `$scrypt$ln=-4,r=8,p=1$${salt}$${hash}`,
    `$scrypt$ln=4,r=8,p=1$${salt}$${'!'.repeat(43)}`,
  ])('%j is not a hash: refused without an error, and not cheaper than a hash', async (stored) => {
    scrypt.mockClear();
    expect(await verifyPassword('password', stored, CHEAP)).toEqual({ ok: false, needsRehash: false });
    expect(scrypt.mock.calls.map((call) => call[3])).toMatchObject([{ N: 16, r: 8, p: 1 }]);
  });

  test('no stored text throws or lets a user in', async () => {
    await fc.assert(
      fc.asyncProperty(anyText(), async (stored) => {
        expect((await verifyPassword('password', stored, CHEAP)).ok).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});

test('an unknown user causes the same work', async () => {
  const stored = await hashPassword('password', CHEAP);
  const costs = [];
  for (const check of [() => verifyPassword('guess', stored, CHEAP), () => verifyAbsent('guess', CHEAP)]) {
    scrypt.mockClear();
    expect(await check()).toEqual({ ok: false, needsRehash: false });
    costs.push(scrypt.mock.calls.map(([password, salt, length, options]) => [password, salt.length, length, options]));
  }
  expect(costs[1]).toEqual(costs[0]);
});

test('an empty password does not open an absent account', async () => {
  expect((await verifyAbsent('', CHEAP)).ok).toBe(false);
});
