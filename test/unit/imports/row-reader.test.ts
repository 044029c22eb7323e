/** Files read piece by piece: the result does not depend on the pieces, and the state between them is JSON. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planFile, type ReaderState, RowReader, readRow } from '../../../src/crm/imports/read/index.ts';
import type { SourceRow } from '../../../src/crm/imports/read/plan.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Reads a file in pieces of a size, with a new reader for each piece that begins with the stored state. */
function readInPieces(file: Uint8Array, size: number, charset?: string): SourceRow[] {
  const plan = planFile(file, charset === undefined ? { kind: 'contacts' } : { kind: 'contacts', charset });
  const rows: SourceRow[] = [];
  let state: ReaderState | undefined;
  for (let at = 0; at < file.length; at += size) {
    const reader = new RowReader(plan, state);
    rows.push(...reader.push(file.subarray(at, at + size)));
    state = JSON.parse(JSON.stringify(reader.state())) as ReaderState;
  }
  rows.push(...new RowReader(plan, state).end());
  return rows;
}

describe('a file in pieces', () => {
  const text =
    'Name,Email,Notes\r\n"Zoé ""Z"" Ø",zoe@x.example,"line\r\none"\r\n\r\n名前,na@x.example,\r\nEnd,e@x.example,last';
  const rows = [
    { row: 2, cells: ['Zoé "Z" Ø', 'zoe@x.example', 'line\none'] },
    { row: 4, cells: ['名前', 'na@x.example', ''] },
    { row: 5, cells: ['End', 'e@x.example', 'last'] },
  ];

  test('has the same rows for pieces of any size', () => {
    const file = bytesOf(text);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: file.length }), (size) => {
        expect(readInPieces(file, size)).toEqual(rows);
      }),
    );
  });
});

test('a row becomes the fields of a contact, with the number of the row in the file', () => {
  const file = bytesOf('First name,Last name,E-mail\n\nAda,Lovelace,Ada@X.example\n');
  const plan = planFile(file, { kind: 'contacts' });
  const [row] = new RowReader(plan).push(file);
  expect(row && readRow(row, plan)).toEqual({
    row: 3,
    values: { name: 'Ada Lovelace', email: 'ada@x.example' },
    problems: [],
  });
});
