/** Merge patches by the examples of RFC 7396, the fields of documents, and declarations that make no sense. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { documentOf, fieldsOf, stepsOf } from '../../../src/platform/documents/fields.ts';
import { document, type JsonObject } from '../../../src/platform/documents/index.ts';
import { mergePatch, requireStorable } from '../../../src/platform/documents/json.ts';

describe('a merge patch', () => {
  // RFC 7396, appendix A, the examples whose target and patch are objects.
  test.each<[JsonObject, JsonObject, JsonObject]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j by %j gives %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  test('does not change its target', () => {
    const target = { a: { b: 1 } };
    mergePatch(target, { a: { b: 2 } });
    expect(target).toEqual({ a: { b: 1 } });
  });
});

const name = fc.string({ maxLength: 4 }).filter((text) => text !== '__proto__' && text.isWellFormed());
const leaf = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.array(fc.nat()),
);
const treeOf = (below: fc.Arbitrary<unknown>) => fc.dictionary(name, below, { maxKeys: 3, noNullPrototype: true });
const tree = treeOf(fc.oneof(leaf, treeOf(fc.oneof(leaf, treeOf(leaf))))) as fc.Arbitrary<object>;

describe('the fields of a document', () => {
  test('give the document back, with its members in the order of their names', () => {
    fc.assert(
      fc.property(tree, (drawn) => {
        const value = drawn as JsonObject;
        const back = documentOf(fieldsOf(value));
        expect(back).toEqual(JSON.parse(JSON.stringify(value)));
        const shuffled = Object.fromEntries(Object.entries(value).toReversed());
        expect(JSON.stringify(documentOf(fieldsOf(shuffled)))).toBe(JSON.stringify(back));
      }),
    );
  });

  test('name values by JSON pointers', () => {
    expect([...fieldsOf({ 'a/b': { '~': [1] }, c: {} })]).toEqual([
      ['/a~1b', '{}'],
      ['/a~1b/~0', '[1]'],
      ['/c', '{}'],
    ]);
  });

  test('refuse documents above the limits', () => {
    const deep = { a: { b: { c: { d: { e: 1 } } } } };
    expect(fieldsOf(deep).size).toBe(5);
    expect(() => stepsOf({ a: { b: { c: { d: { e: {} } } } } })).toThrow('5 objects within objects');
    const wide = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));
    expect(fieldsOf(wide(256)).size).toBe(256);
    expect(() => fieldsOf(wide(257))).toThrow('256 values');
    // The pointer has 2 bytes and the quotes have 2; an umlaut has 2.
    expect(fieldsOf({ a: 'ä'.repeat(32_766) }).size).toBe(1);
    expect(() => fieldsOf({ a: `${'ä'.repeat(32_766)}x` })).toThrow('65536 bytes');
  });
});

describe('a patch is refused, with the name of the member, for', () => {
  test.each<[string, unknown, string]>([
    ['U+0000', { a: ['x', 'a\u0000b'] }, 'a.1'],
    ['half of a surrogate pair', { a: { b: '\ud800' } }, 'a.b'],
    ['a name with U+0000', { a: { 'b\u0000': 1 } }, 'a'],
    ['the name __proto__', JSON.parse('{"__proto__":{"admin":true}}'), 'body'],
    ['a number that JSON cannot write', { a: JSON.parse('1e999') }, 'a'],
  ])('%s', (_what, patch, field) => {
    expect(() => requireStorable(patch)).toThrow(
      expect.objectContaining({ fields: [expect.objectContaining({ field })] }),
    );
  });
});

test('a declaration without a life, or with a longer one than the version of its tag, is an error', () => {
  expect(() => document('x', { durable: false, ttl: 0, atMost: 1 })).toThrow(TypeError);
  expect(() => document('x', { durable: false, ttl: '28d', atMost: 1 })).toThrow(TypeError);
});
