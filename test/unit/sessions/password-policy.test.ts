/** Which passwords users may choose: long ones of any characters that are not easily guessed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { passwordProblem } from '../../../src/platform/passwords/index.ts';
import { anyText } from '../../support/any-text.ts';
import { growth, LINEAR } from '../../support/growth.ts';

const CONTEXT = ['jane.doe@acme-widgets.example', 'Acme Widgets GmbH'];

describe('length', () => {
  test('is at least 15 code points, or the minimum that the caller sets', () => {
    expect(passwordProblem('otter climbs h')).toBe('must have at least 15 characters');
    expect(passwordProblem('otter climbs hi')).toBeNull();
    expect(passwordProblem('otterki', { shortest: 8 })).toBe('must have at least 8 characters');
    expect(passwordProblem('otterkil', { shortest: 8 })).toBeNull();
  });

  test('is counted in code points, and no character counts as several', () => {
    expect(passwordProblem('🦦🦫🦔🐿️🦨🦡🐾🐉🐲🌵🎄🌲🌳🌴')).toBeNull();
    expect(passwordProblem('🦦🦫🦔🦨🦡🐾🐉🐲')).toBe('must have at least 15 characters');
    // NFKC writes one ligature as 18 characters, and joins letters with separate accents.
    expect(passwordProblem('\uFDFA')).toBe('must have at least 15 characters');
    expect(passwordProblem('e\u0301o\u0300a\u0302'.repeat(3))).toBe('must have at least 15 characters');
  });

  test('may be 128, not more', () => {
    const long = Array.from({ length: 128 }, (_, index) => String.fromCodePoint(0x4e00 + index * 7)).join('');
    expect(passwordProblem(long)).toBeNull();
    expect(passwordProblem(`${long}x`)).toBe('must have at most 128 characters');
  });
});

test.each([
  ['a NUL', 'purple otter climbs\0'],
  ['half of a surrogate pair', 'purple otter climbs \ud83e'],
])('%s is refused, because scrypt does not tell it apart from others', (_name, password) => {
  expect(passwordProblem(password)).toBe('must not contain a NUL character or half of a surrogate pair');
});

describe('guessable', () => {
  test.each([
    'passwordpassword',
    'PasswordPassword',
    'Password123456789!',
    'P@ssw0rdP@ssw0rd!',
    'password-12345678',
    'iloveyouiloveyou!',
    '123456789012345',
    '987654321987654321',
    'qwertyuiopasdfghjkl',
    'zxcvbnmasdfghjkl',
    'aaaaaaaaaaaaaaaaaaaa',
    'abababababababab',
    'hK3hK3hK3hK3hK3hK3',
    'letmeinletmein1!',
    'Summer2026Summer',
    'jane.doe@acme-widgets.example',
    'JaneDoe.123456789'.replace('.', ''),
    'acmewidgetsacmewidgets',
    'widgets123456789',
  ])('%s is refused', (password) => {
    expect(passwordProblem(password, { context: CONTEXT })).toMatch(/among the first passwords/);
  });

  test.each([
    'correct horse battery staple',
    'purple otter climbs stairs',
    'monkey dragon football sunshine',
    'x7Kq!mZ0pLw93vTn',
    'Der Dachs gräbt heute tief',
    '水曜日の朝に川を渡る狐と狸',
    'the widgets of jane are blue',
  ])('%s is allowed', (password) => {
    expect(passwordProblem(password, { context: CONTEXT, shortest: 12 })).toBeNull();
  });

  test('the words of one account are allowed in another', () => {
    expect(passwordProblem('acmewidgetsacmewidgets-q7')).toBeNull();
    expect(passwordProblem('acmewidgetsacmewidgets-q7', { context: CONTEXT })).not.toBeNull();
  });
});

test('there are no composition rules: random words and random characters pass', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      fc.pre(new Set(bytes).size > 12);
      expect(passwordProblem(Buffer.from(bytes).toString('hex').match(/../g)?.join('kq') ?? '')).toBeNull();
    }),
  );
});

test('no problem quotes the password', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 140 }), (password) => {
      const problem = passwordProblem(password, { context: [password] });
      if (password.length > 10) expect(problem ?? '').not.toContain(password);
    }),
  );
});

test.each<[string, (length: number) => string]>([
  ['a ligature of 18 characters', (length) => '\uFDFA'.repeat(length)],
  ['the same, all but once', (length) => `${'\uFDFA'.repeat(length - 1)}b`],
  ['integrals that become one long run', (length) => `${'\u2A0C'.repeat(length - 1)}b`],
  ['runs that end just before they count', (length) => 'qw'.repeat(length / 2)],
])('%s: the work of the check grows with the length only', (_, make) => {
  const judge = (length: number) => {
    const password = make(length);
    const context = ['\uFDFA'.repeat(200), 'w'.repeat(200), password];
    for (let round = 0; round < 50; round += 1) passwordProblem(password, { context });
  };
  expect(growth(judge, 16)).toBeLessThan(LINEAR);
});
