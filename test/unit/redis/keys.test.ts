import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Family, families, key, RedisError, tag, versionKey } from '../../../src/platform/redis/index.ts';
import { anyText } from '../../support/any-text.ts';

/** Texts that have tried to break key builders before, mixed into arbitrary ones. */
const hostile = fc.constantFrom(
  '',
  ':',
  'a:b',
  '*',
  '{x}',
  '?',
  '[a]',
  '__proto__',
  '%3A',
  '%',
  '~',
  '\r\n',
  '\0',
  'é',
  '\ud800',
  '\udfff',
);
const part = fc.oneof(
  hostile,
  anyText({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ minLength: 190, maxLength: 260 }),
);
const parts = fc.array(part, { minLength: 1, maxLength: 4 });
const tenant = fc.oneof(
  fc.constantFrom('acme', 'acme:q', 'a'),
  part.filter((text) => text !== ''),
);
const family = fc.constantFrom<Family>(...(Object.keys(families) as Family[]));

describe('key', () => {
  test('different parts give different keys, equal parts equal keys', () => {
    fc.assert(
      fc.property(
        tenant,
        family,
        parts,
        tenant,
        family,
        parts,
        (tenantA, familyA, partsA, tenantB, familyB, partsB) => {
          const same = JSON.stringify([tenantA, familyA, partsA]) === JSON.stringify([tenantB, familyB, partsB]);
          expect(key(tenantA, familyA, ...partsA) === key(tenantB, familyB, ...partsB)).toBe(same);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('nearly equal parts have different keys: one separator more or less, moved between parts', () => {
    fc.assert(
      fc.property(part, part, (left, right) => {
        const keys = [
          key('t', 'entry', left, right),
          key('t', 'entry', `${left}:${right}`),
          key('t', 'entry', `${left}:`, right),
        ];
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 1000 },
    );
  });

  test('no key contains a glob, a brace, white space or a control character', () => {
    fc.assert(
      fc.property(tenant, family, parts, (tenantId, name, rest) => {
        expect(key(tenantId, name, ...rest)).toMatch(/^hf:[\w.%~-]+:[a-z]+(:[\w.%~-]*)+$/);
      }),
      { numRuns: 1000 },
    );
  });

  test('a key stays short however long its parts', () => {
    expect(key('acme', 'entry', 'x'.repeat(100_000)).length).toBeLessThan(100);
  });

  test('a part that is or could be an e-mail address becomes a digest: no key shows an address', () => {
    const digest = /^hf:acme:q:users:search:~[\da-f]{64}$/;
    for (const text of ['owner@acme.example', 'owner%40acme.example', '@', 'Name <owner@acme.example>']) {
      expect(key('acme', 'entry', 'users', 'search', text)).toMatch(digest);
    }
    expect(key('acme', 'entry', 'users', 'search', 'owner')).toBe('hf:acme:q:users:search:owner');
    fc.assert(
      fc.property(fc.emailAddress(), fc.string(), (email, more) => {
        const made = key('acme', 'once', `${more}${email}`);
        for (const shown of ['@', '%40', email, encodeURIComponent(email)]) expect(made).not.toContain(shown);
      }),
    );
  });

  test('the tenant comes first and cannot be empty', () => {
    expect(key('acme', 'entry', 'deal', 'id', 'deal_1')).toBe('hf:acme:q:deal:id:deal_1');
    expect(() => key('', 'entry', 'deal')).toThrow(RedisError);
    expect(() => key('', 'entry', 'deal')).toThrow(expect.objectContaining({ code: 'REDIS_KEY' }));
  });
});

describe('tag', () => {
  test('its version is a key of the tenant it is bound to', () => {
    expect(versionKey('acme', tag('company', 'comp_1', 'deals'))).toBe('hf:acme:v:company:comp_1:deals');
  });

  test('different tags have different versions', () => {
    fc.assert(
      fc.property(part, parts, part, parts, (nameA, partsA, nameB, partsB) => {
        const same = JSON.stringify([nameA, ...partsA]) === JSON.stringify([nameB, ...partsB]);
        expect(versionKey('t', tag(nameA, ...partsA)) === versionKey('t', tag(nameB, ...partsB))).toBe(same);
      }),
      { numRuns: 1000 },
    );
  });
});
