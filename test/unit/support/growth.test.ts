/** The measure by which suites tell linear from quadratic work. */
import { expect, test } from 'vitest';
import { growth, LINEAR } from '../../support/growth.ts';

let sum = 0;
const turns = (count: number): void => {
  for (let turn = 0; turn < count; turn += 1) sum = (sum + turn) % 1_000_003;
};

test('work that grows with its input is below the limit', () => {
  expect(growth((size) => turns(size), 1_000_000)).toBeLessThan(LINEAR);
});

test('work that grows with the square of its input is above it', () => {
  expect(growth((size) => turns(size * size), 1_000)).toBeGreaterThan(LINEAR);
});
