/** Codes of authenticator apps. */
import { Secret } from 'otpauth';
import { describe, expect, test } from 'vitest';
import { stepOf } from '../../src/identity/factors/totp.ts';

/** The secret of RFC 6238, appendix B, for SHA-1. */
const secret = Secret.fromUTF8('12345678901234567890').base32;

describe('the test vectors of RFC 6238, appendix B', () => {
  // The RFC lists eight digits; six digits are the last six of them.
  test.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('at %i s the code is %s', async (seconds, code) => {
    expect(await stepOf(secret, code, seconds * 1000)).toBe(Math.floor(seconds / 30));
  });
});

test('a code is accepted one step early and one step late, not two', async () => {
  const at = 1_111_111_111_000;
  const step = Math.floor(at / 30_000);
  const results = await Promise.all([-2, -1, 0, 1, 2].map((steps) => stepOf(secret, '050471', at + steps * 30_000)));
  expect(results).toEqual([null, step, step, step, null]);
});
