import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { query } from '../../../src/platform/cache/index.ts';
import { tag } from '../../../src/platform/redis/index.ts';

const load = async () => null;

describe('query', () => {
  const value = fc.oneof(
    fc.string({ maxLength: 5 }),
    fc.constantFrom('=1', '1', 'null', '=', ''),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const args = fc.dictionary(fc.constantFrom('a', 'b', 'a=', '__proto__x'), value, { maxKeys: 3 });

  test('different arguments have different keys, and the order of their names does not matter', () => {
    const declared = query('q', { ttl: '1m', load });
    const canonical = (given: Record<string, unknown>) =>
      JSON.stringify(Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1)));
    fc.assert(
      fc.property(args, args, (left, right) => {
        const same = canonical(left) === canonical(right);
        expect(declared.keysOf('t', left).entry === declared.keysOf('t', right).entry).toBe(same);
      }),
      { numRuns: 2000 },
    );
    expect(declared.keysOf('t', { a: '1', b: 2 }).entry).toBe(declared.keysOf('t', { b: 2, a: '1' }).entry);
  });

  test('an undefined argument counts as omitted', () => {
    const declared = query('q', { ttl: '1m', load });
    expect(declared.keysOf('t', { a: '1', b: undefined }).entry).toBe(declared.keysOf('t', { a: '1' }).entry);
  });

  test('a tag named twice counts once', () => {
    const declared = query('q', { ttl: '1m', tags: () => [tag('a'), tag('b'), tag('a')], load });
    expect(declared.keysOf('t', {}).versions).toEqual(['hf:t:v:a', 'hf:t:v:b']);
  });

  test('a write-behind query must have tags', () => {
    const flush = async () => {};
    expect(() => query('q', { ttl: '1m', load, flush })).toThrow('needs tags');
    expect(query('q', { ttl: '1m', load, flush, tags: () => [tag('a')] }).writtenBehind).toBe(true);
  });

  test.each([{ ttl: 0 }, { ttl: '30d' }, { ttl: '20d', stale: '10d' }, { ttl: Number.NaN }, { ttl: -1 }] as const)(
    '%j is refused',
    (times) => {
      expect(() => query('q', { ...times, load })).toThrow(TypeError);
    },
  );
});
