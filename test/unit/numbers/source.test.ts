/** The declaration of numbers: the ranges of keys, and names that would change the SQL. */
import { describe, expect, test } from 'vitest';
import { day, dayBucket, numbersOf } from '../../../src/platform/numbers/index.ts';

const invoices = numbersOf('invoices', {
  state: { by: ['state'], sum: 'amount' },
  due: { by: ['seller_id', day('due')] },
});
const inRange = ({ from, to }: { from: string; to: string }, keys: string[]) =>
  keys.filter((key) => from <= key && key < to);

describe('a range', () => {
  const keys = [
    ...['invoices.due:|2026-01-01', 'invoices.due:a', 'invoices.due:a|2025-12-31', 'invoices.due:a|2026-01-01'],
    ...['invoices.due:a|2026-01-02', 'invoices.due:aa|2026-01-01', 'invoices.dues:a|2026-01-01'],
    ...['invoices.state:open', 'invoices.state:opened', 'invoices.states:open', 'invoices2.state:open'],
  ];

  test('of all parts has one key', () => {
    expect(inRange(invoices.at('state', 'open'), keys)).toEqual(['invoices.state:open']);
  });

  test('of no part has every key of the number, and none of a number whose name begins alike', () => {
    expect(inRange(invoices.at('state'), keys)).toEqual(['invoices.state:open', 'invoices.state:opened']);
  });

  test('of some parts has the keys with these parts, not those whose part begins alike', () => {
    expect(inRange(invoices.at('due', 'a'), keys).map((key) => key.slice(13))).toEqual([
      ...['a|2025-12-31', 'a|2026-01-01', 'a|2026-01-02'],
    ]);
    expect(inRange(invoices.at('due', ''), keys)).toEqual(['invoices.due:|2026-01-01']);
  });

  test('between buckets has the first and not the last, or has all before the last', () => {
    const [first, last] = [dayBucket('2026-01-01'), dayBucket('2026-01-02')];
    expect(inRange(invoices.between('due', ['a'], first, last), keys)).toEqual(['invoices.due:a|2026-01-01']);
    expect(inRange(invoices.between('due', ['a'], null, last), keys)).toEqual([
      ...['invoices.due:a|2025-12-31', 'invoices.due:a|2026-01-01'],
    ]);
  });
});

test.each([
  ['a table', () => numbersOf('invoices; --', {})],
  ['a number', () => numbersOf('invoices', { 'a:b': { by: ['state'] } })],
  ['a column', () => numbersOf('invoices', { state: { by: ["state'"] } })],
  ['a sum', () => numbersOf('invoices', { state: { by: ['state'], sum: '1 + 1' } })],
])('the name of %s must be a plain identifier', (_kind, declare) => {
  expect(declare).toThrow(TypeError);
});

test('the version changes with the declaration', () => {
  const versions = [
    numbersOf('invoices', { state: { by: ['state'] } }),
    numbersOf('invoices', { state: { by: ['state'], sum: 'amount' } }),
    numbersOf('invoices', { state: { by: ['state'], where: 'open' } }),
    numbersOf('invoices', { state: { by: ['state'] } }),
  ].map(({ version }) => version);
  expect(new Set(versions).size).toBe(3);
  expect(versions[3]).toBe(versions[0]);
});
