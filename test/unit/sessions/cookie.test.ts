/** The session cookie: its attributes, and how strictly the header is read. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deviceOf } from '../../../src/platform/sessions/device.ts';
import {
  clearSessionCookie,
  parseSessionToken,
  readSessionCookie,
  SessionError,
  serializeSessionCookie,
} from '../../../src/platform/sessions/index.ts';
import { formatSessionToken } from '../../../src/platform/sessions/token.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { anyText } from '../../support/any-text.ts';
import { growth, LINEAR } from '../../support/growth.ts';
import { mutated } from '../../support/mutated.ts';

const { token, secret } = realSystem;
const value = formatSessionToken({ tenant: 'acme', bucket: token(), sid: token(), secret: secret() });

describe('setting', () => {
  test('for this host only, over TLS, hidden from scripts, not sent by other sites’ forms', () => {
    expect(serializeSessionCookie(value)).toBe(`__Host-session=${value}; Path=/; Secure; HttpOnly; SameSite=Lax`);
    expect(serializeSessionCookie(value, '30d')).toMatch(/; Max-Age=2592000$/);
    expect(clearSessionCookie()).toBe('__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0');
  });

  test('refuses a text that is not a valid cookie value or is too long', () => {
    for (const bad of ['', 'a b', 'a;Domain=evil.example', 'a\r\nSet-Cookie: b=c', 'ä', 'a'.repeat(4096)]) {
      expect(() => serializeSessionCookie(bad)).toThrow(SessionError);
    }
    expect(serializeSessionCookie('a'.repeat(4096 - '__Host-session'.length))).toContain('aaa');
  });
});

describe('reading', () => {
  test.each([
    `__Host-session=${value}`,
    `a=b; __Host-session=${value}; c=d`,
    `a=b;__Host-session=${value};`,
    ` a ; =;  __Host-session=${value}`,
  ])('%s', (header) => {
    expect(readSessionCookie(header)).toBe(value);
  });

  test.each([
    ['nothing', null],
    ['an empty header', ''],
    ['an empty value', '__Host-session='],
    ['no value', '__Host-session'],
    ['another name', `session=${value}; __Host-session2=${value}`],
    ['another case', `__host-session=${value}`],
    ['a name or value with blanks', `__Host-session = ${value}`],
    ['two of them', `__Host-session=${value}; __Host-session=${value}`],
    ['two of them, one empty', `__Host-session=${value}; __Host-session=`],
  ])('%s gives no session', (_, header) => {
    expect(readSessionCookie(header)).toBeNull();
  });

  test('10,000 damaged headers: none throws, and none gives the session of another user', () => {
    const good = `a=b; __Host-session=${value}; c=d`;
    const property = fc.property(mutated(good), (header) => {
      const read = readSessionCookie(header);
      const parsed = read === null ? null : parseSessionToken(read);
      if (parsed) expect(header).toContain(`${formatSessionToken(parsed)}`);
    });
    fc.assert(property, { numRuns: 10_000 });
  });

  test('the work of reading a huge header grows with its length only', () => {
    const read = (size: number) => expect(readSessionCookie('='.repeat(size) + ';'.repeat(size))).toBeNull();
    expect(growth(read, 125_000)).toBeLessThan(LINEAR);
  });
});

describe('the name of a device', () => {
  const mozilla = 'Mozilla/5.0';
  test.each([
    [`${mozilla} (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0`, 'Firefox on Windows'],
    [`${mozilla} (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605.1.15`, 'Safari on macOS'],
    [`${mozilla} (Linux; Android 16) Chrome/142.0 Mobile Safari/537.36`, 'Chrome on Android'],
    [`${mozilla} (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0`, 'Edge on Windows'],
    ['acme-sync/1.4', 'acme-sync/1.4'],
    ['  ', 'Unknown device'],
    [null, 'Unknown device'],
    [undefined, 'Unknown device'],
    ['a\u0000b\r\n\u202ec\u200b', 'a b c'],
    ['\ud800', 'Unknown device'],
  ])('%j is %j', (userAgent, device) => {
    expect(deviceOf(userAgent)).toBe(device);
  });

  test('is short and printable for any user agent', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 1_000 }), (userAgent) => {
        const device = deviceOf(userAgent);
        expect([...device].length).toBeLessThanOrEqual(60);
        expect(device).toMatch(/^\P{C}+$/u);
      }),
    );
  });
});
