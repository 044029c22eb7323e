import { Decimal } from '@prisma/client-runtime-utils';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import '../../../src/platform/db/decimal.ts';
import { decode, encode, registerType } from '../../../src/platform/redis/index.ts';
import { anyCharacter } from '../../support/any-text.ts';

describe('codec', () => {
  test.each([null, 0, '', false, true, 'text', 1.5, [], {}, { a: [1, null, 'x'] }])('%j stays plain JSON', (value) => {
    const encoded = encode(value);
    expect(encoded).toEqual({ encoding: 'j', text: JSON.stringify(value) });
    expect(decode(encoded)).toEqual(value);
  });

  test.each([
    ['Date', new Date('2026-11-20T09:30:00Z')],
    ['BigInt', 12345678901234567890n],
    ['Map', new Map([['a', new Set([1, 2])]])],
    ['undefined', undefined],
    ['a missing value inside', { a: undefined, b: [undefined] }],
    ['NaN', Number.NaN],
    ['minus zero', -0],
    ['a Date inside', { at: [new Date(0)] }],
    ['Decimal', { value: new Decimal('12345678901234567890.123456789') }],
  ])('%s survives', (_name, value) => {
    const encoded = encode(value);
    expect(encoded.encoding).toBe('d');
    expect(decode(encoded)).toEqual(value);
  });

  test('an instance of a class survives once its class is registered', () => {
    class Money {
      readonly cents: number;
      constructor(cents: number) {
        this.cents = cents;
      }
    }
    const value = { price: new Money(250) };
    expect(() => encode(value)).toThrow();
    registerType<Money>('Money', {
      is: (each) => each instanceof Money,
      write: ({ cents }) => String(cents),
      read: (text) => new Money(Number(text)),
    });
    expect(decode(encode(value))).toEqual(value);
  });

  test('every JSON value is decoded unchanged', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: anyCharacter }), (value) => {
        expect(decode(encode(value))).toEqual(value);
      }),
    );
  });

  test('a cycle survives, and deep nesting does not break it', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const back = decode(encode(cycle)) as typeof cycle;
    expect(back.self).toBe(back);
  });

  test('a function is refused', () => {
    expect(() => encode({ run: () => 1 })).toThrow();
  });
});
