/**
 * Files with the columns of many systems and languages (see `test/fixtures/imports/make-files.ts`). The expected
 * contacts come from the list of fields of the collection, and not from the tables of the reader.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ExpectedContact, readAll, toExpected } from './reading.ts';

const MADE = join(import.meta.dirname, '../../fixtures/imports/made');

interface Made {
  file: string;
  charset?: string;
  /** The field of each column that fills one. */
  columns: [column: string, field: string][];
  contacts: ExpectedContact[];
}

const { named, unknown } = JSON.parse(readFileSync(join(MADE, 'index.json'), 'utf8')) as Record<
  'named' | 'unknown',
  Made[]
>;
const SYSTEMS = ['google', 'outlook', 'thunderbird', 'apple', 'linkedin', 'salesforce', 'hubspot', 'pipedrive', 'zoho'];

function readMade({ file, charset }: Made) {
  const options = charset === undefined ? ({ kind: 'contacts' } as const) : ({ kind: 'contacts', charset } as const);
  const { plan, rows } = readAll(readFileSync(join(MADE, file)), options);
  return { plan, contacts: rows.flatMap(({ values }) => (values ? [toExpected(values)] : [])) };
}

describe('a file of a named system', () => {
  test.each(named)('has all of its contacts: $file', (made) => {
    expect(readMade(made).contacts).toEqual(made.contacts);
  });

  test.each([...SYSTEMS, 'dynamics', 'mailchimp'])('%s is tried at least three times', (system) => {
    expect(named.filter(({ file }) => file.startsWith(system)).length).toBeGreaterThanOrEqual(3);
  });
});

describe('a file with columns that are in no table', () => {
  test('is tried at least 20 times', () => {
    expect(unknown.length).toBeGreaterThanOrEqual(20);
  });

  test.each(unknown)('has its contacts, or the plan asks about each column that is not used: $file', (made) => {
    const { plan, contacts } = readMade(made);
    const asked = new Set(plan.questions.map(({ column }) => column));
    const lost = made.columns.filter(([column, field]) => {
      const fields: (string | null)[] = field === 'name' ? ['name', 'displayName'] : [field];
      const isUsed = plan.columns.some((planned) => planned.column === column && fields.includes(planned.field));
      return !isUsed && !asked.has(column);
    });
    expect(lost).toEqual([]);
    if (plan.questions.length === 0) expect(contacts).toEqual(made.contacts);
  });
});
