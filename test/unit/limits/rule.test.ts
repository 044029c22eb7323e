/** Declarations of limits: valid ones pass, invalid ones are refused when the module loads. */
import { describe, expect, test } from 'vitest';
import { bucket, fixed, LimitError, rule, sliding } from '../../../src/platform/limits/index.ts';

describe('windows', () => {
  test('give the number of requests and the time', () => {
    expect(sliding(100, '1m')).toEqual({ kind: 'sliding', limit: 100, windowMs: 60_000 });
    expect(fixed(10, '1d')).toEqual({ kind: 'fixed', limit: 10, windowMs: 86_400_000 });
    expect(bucket({ capacity: 10, refill: 4, every: '1s' })).toEqual({
      kind: 'bucket',
      limit: 10,
      refill: 4,
      everyMs: 1000,
      windowMs: 3000,
    });
  });

  test.each([
    () => sliding(0, '1m'),
    () => sliding(-1, '1m'),
    () => sliding(1.5, '1m'),
    () => sliding(Number.NaN, '1m'),
    () => sliding(1e10, '1m'),
    () => sliding(1, 0),
    () => sliding(1, 0.5),
    () => sliding(1, '32d'),
    () => fixed(0, '1m'),
    () => bucket({ capacity: 0, refill: 1, every: '1m' }),
    () => bucket({ capacity: 1, refill: 2, every: '1m' }),
    () => bucket({ capacity: 10, refill: 0, every: '1m' }),
    () => bucket({ capacity: 1000, refill: 1, every: '1h' }),
  ])('that are invalid are refused: %s', (declare) => {
    expect(declare).toThrow(LimitError);
    expect(declare).toThrow(expect.objectContaining({ code: 'LIMIT_RULE' }));
  });
});

describe('rules', () => {
  const window = sliding(10, '1m');

  test.each(['', 'Api', 'a b', 'a:b', 'ä', '1a', 'a"', 'x'.repeat(65)])('cannot be called %j', (name) => {
    const declare = () => rule(name, { window, by: 'ip', whenDown: 'open' });
    expect(declare).toThrow(expect.objectContaining({ code: 'LIMIT_RULE' }));
  });

  test.each([0, -1, 1.5, 11])('cannot cost %d of 10', (cost) => {
    const declare = () => rule('costly', { window, by: 'ip', whenDown: 'open', cost });
    expect(declare).toThrow(expect.objectContaining({ code: 'LIMIT_COST' }));
  });

  test('count by user only within a tenant', () => {
    const byUser = rule('by-user', { window, by: 'user', whenDown: 'open' });
    const { key } = byUser.identify({ tenant: 'acme', ip: '192.0.2.1', user: 'user_1' });
    expect(key).toBe('hf:acme:rl:by-user:user_1');
    expect(() => byUser.identify({ tenant: '', ip: '192.0.2.1', user: 'user_1' })).toThrow('A key needs a tenant');
  });
});
