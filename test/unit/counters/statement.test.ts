/** The fingerprints of SQL statements. */
import { expect, test } from 'vitest';
import { fingerprintOf } from '../../../src/platform/counters/statement.ts';

test('lists of different lengths have one fingerprint, and different statements different ones', () => {
  const list = (count: number) => `(${Array.from({ length: count }, (_, at) => `$${at + 1}`).join(',')})`;
  const one = fingerprintOf(`SELECT a FROM t WHERE id IN ${list(1)} LIMIT $2`);
  expect(fingerprintOf(`SELECT a FROM t WHERE id IN ${list(40)} LIMIT $41`)).toBe(one);
  expect(fingerprintOf(`SELECT b FROM t WHERE id IN ${list(1)} LIMIT $2`)).not.toBe(one);
  expect(fingerprintOf('INSERT INTO t VALUES ($1,$2),($3,$4)')).toBe(fingerprintOf('INSERT INTO t VALUES ($1,$2)'));
  expect(one).toMatch(/^[0-9a-f]{12}$/);
});
