/** Rights of any depth, grants that cover them, and rights that `*` does not include. */
import { describe, expect, test } from 'vitest';
import {
  allows,
  defineRights,
  grantableRights,
  isDefined,
  missingRights,
  needsFactor,
  rightsOf,
} from '../../../src/platform/http/rights.ts';

defineRights({
  rights: ['zoo:read', 'zoo:animals:feed'],
  restricted: ['zoo:animals:records:read'],
  factor: ['zoo:animals:records:read', 'zoo:animals:feed'],
  roles: { keeper: ['zoo:animals:*'], guest: ['zoo:read'], boss: ['*'] },
});

describe('allows', () => {
  test.each([
    [['zoo:read'], 'zoo:read', true],
    [['zoo:read'], 'zoo:animals:feed', false],
    [['zoo:*'], 'zoo:animals:feed', true],
    [['zoo:animals:*'], 'zoo:animals:feed', true],
    [['zoo:animals:*'], 'zoo:read', false],
    [['zoo:ani:*'], 'zoo:animals:feed', false],
    [['*'], 'zoo:animals:feed', true],
    [[], 'zoo:read', false],
  ] as const)('%j, %s: %s', (held, asked, expected) => {
    expect(allows(held, asked)).toBe(expected);
  });

  test('a restricted right by its name or a part above it, and not by *', () => {
    expect(allows(['*'], 'zoo:animals:records:read')).toBe(false);
    expect(allows(['zoo:animals:records:read'], 'zoo:animals:records:read')).toBe(true);
    expect(allows(['zoo:animals:*'], 'zoo:animals:records:read')).toBe(true);
  });
});

test('a right needs a second factor if its module says so, restricted or not; another module cannot say so', () => {
  const asked = ['zoo:read', 'zoo:animals:feed', 'zoo:animals:records:read'];
  expect(asked.map(needsFactor)).toEqual([false, true, true]);
  expect(() => defineRights({ rights: ['pond:read'], factor: ['zoo:read'] })).toThrow(TypeError);
  expect(needsFactor('zoo:read')).toBe(false);
});

test('missingRights: * does not include a part with a restricted right in it', () => {
  expect(missingRights(['*'], ['zoo:read', 'zoo:animals:feed', '*'])).toEqual([]);
  expect(missingRights(['*'], ['zoo:*', 'zoo:animals:*'])).toEqual(['zoo:*', 'zoo:animals:*']);
  expect(missingRights(['zoo:*'], ['zoo:animals:*', '*'])).toEqual(['*']);
});

describe('rights of modules', () => {
  test('roles have the grants that modules give them, a role that no module knows has none', () => {
    expect(rightsOf('guest')).toEqual(['zoo:read']);
    expect(rightsOf('stranger')).toEqual([]);
    expect(rightsOf('constructor')).toEqual([]);
    defineRights({ rights: ['shop:read'], roles: { guest: ['shop:read'] } });
    expect(rightsOf('guest')).toEqual(['zoo:read', 'shop:read']);
  });

  test('grantable are *, each part and each right', () => {
    expect(isDefined('zoo:read')).toBe(true);
    expect(grantableRights()).toEqual(
      expect.arrayContaining(['*', 'zoo:*', 'zoo:animals:*', 'zoo:animals:records:*', 'zoo:animals:feed']),
    );
  });

  test('a malformed right, and a grant that no right of the module is part of, are refused', () => {
    expect(() => defineRights({ rights: ['zoo:*'] })).toThrow('zoo:* is not the name of a right');
    expect(() => defineRights({ rights: ['zoo:read'], roles: { guest: ['park:*'] } })).toThrow(
      'The role guest gets park:*, which is no right of its module',
    );
  });
});
