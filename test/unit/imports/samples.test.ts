/** Files in the shapes of real exports, with the contacts that they contain. All of their data is invented. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contactsIn, planOf } from './reading.ts';

const SAMPLES = join(import.meta.dirname, '../../fixtures/imports/samples');

interface Sample {
  file: string;
  charset: string;
  separator: string;
  linesBeforeHeader: number;
  /** Other right values. The contacts are counted from 0. */
  alsoRight?: { contact: number; field: string; values: unknown[] }[];
}

const samples = JSON.parse(readFileSync(join(SAMPLES, 'index.json'), 'utf8')) as Sample[];

describe.each(samples)('$file', ({ file, charset, separator, linesBeforeHeader, alsoRight = [] }) => {
  const bytes = readFileSync(join(SAMPLES, file));
  const options = { kind: 'contacts', charset } as const;

  test('has all of its contacts', () => {
    const expected = JSON.parse(readFileSync(join(SAMPLES, file.replace('.csv', '.expected.json')), 'utf8')) as Record<
      string,
      unknown
    >[];
    const found = contactsIn(bytes, options).map((contact): Record<string, unknown> => ({ ...contact }));
    for (const { contact, field, values } of alsoRight) {
      const row = found[contact];
      const other = expected[contact];
      if (row && other && values.includes(row[field])) other[field] = row[field];
    }
    expect(found).toEqual(expected);
  });

  test('is read with its separator, from the row below its header', () => {
    expect(planOf(bytes, options)).toMatchObject({ separator, headerRow: linesBeforeHeader + 1 });
  });
});
