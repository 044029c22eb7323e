/**
 * Companies and deals in the shapes of the exports of other systems. The data is invented, and the expected records were
 * written by hand from the cells.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ImportKind } from '../../../src/crm/imports/read/plan.ts';
import { readAll } from './reading.ts';

const RECORDS = join(import.meta.dirname, '../../fixtures/imports/records');

interface RecordsFile {
  file: string;
  kind: ImportKind;
  system: string;
  charset?: string;
  records: object[];
  /** The fields of each row that are left out with a reason. */
  problems?: string[][];
}

const files = JSON.parse(readFileSync(join(RECORDS, 'index.json'), 'utf8')) as RecordsFile[];

describe.each(files)('$file', ({ file, kind, system, charset, records, problems = [] }) => {
  const options = charset === undefined ? { kind } : { kind, charset };
  const { plan, rows } = readAll(readFileSync(join(RECORDS, file)), options);

  test('has all of its records, and names each field that it leaves out', () => {
    const found = rows.map(({ values }) => JSON.parse(JSON.stringify(values)) as object);
    expect(found).toEqual(records);
    expect(rows.map((row) => row.problems.map(({ field }) => field))).toEqual(
      records.map((_, index) => problems[index] ?? []),
    );
  });

  test('is known as a file of its system, and raises no question about a column', () => {
    expect(plan.system).toBe(system);
    expect(plan.questions.filter(({ code }) => code === 'COLUMN_UNKNOWN')).toEqual([]);
  });
});

test.each(['Salesforce', 'HubSpot', 'Pipedrive', 'Zoho', 'Dynamics'])('%s is tried twice for each kind', (system) => {
  for (const kind of ['companies', 'deals']) {
    expect(files.filter((one) => one.system === system && one.kind === kind).length).toBeGreaterThanOrEqual(2);
  }
});
