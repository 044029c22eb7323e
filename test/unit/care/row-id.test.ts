/** Ids of rows, and paths as logs show them: without a name or a number that was typed in the place of an id. */
import { expect, test } from 'vitest';
import { isRowId, shownPath } from '../../../src/care/row-id.ts';

test.each([
  ['patient_01JD3Y5Z8N4W6Q7R9S0T1V2X3A', true],
  ['account_cash', true],
  [undefined, true],
  [null, true],
  ['A-1024', false],
  ['Quillfeather', false],
  ['', false],
  ['patient_', false],
  ['patient_A-1', false],
])('%s may be the id of a row: %s', (text, may) => {
  expect(isRowId(text)).toBe(may);
});

test.each([
  ['/care/patients/:id', '/care/patients/patient_01JD', '/care/patients/patient_01JD'],
  ['/care/patients/:id', '/care/patients/A-1024', '/care/patients/*'],
  [
    '/care/patients/:id/records/:recordId',
    '/care/patients/Otter/records/record_1',
    '/care/patients/*/records/record_1',
  ],
  ['/care/*', '/care/Otter', '/care/*'],
  ['/care/*', '/care/Otter/more', '/care/*'],
])('the path of the route %s for %s is %s', (pattern, path, shown) => {
  expect(shownPath(pattern, path)).toBe(shown);
});
