/** Files read piece by piece: the result does not depend on the pieces, and the state between them is JSON. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planFile, type ReaderState, RowReader, readRow } from '../../../src/crm/imports/read/index.ts';
import type { SourceRow } from '../../../src/crm/imports/read/plan.ts';
import { LONGEST_ROW } from '../../../src/crm/imports/read/row-reader.ts';

import { bytesOf } from './reading.ts';

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

describe('memory', () => {
  test.each(['utf-8', 'utf-16le', 'utf-16be'])('holds only the row that is not yet whole, in %s', (encoding) => {
    const line = 'Ada Lovelace,ada@x.example,"line\none"\n';
    const text = `\uFEFFName,Email,Notes\n${line.repeat(20_000)}`;
    const utf16 = () => Buffer.from(text, 'utf16le');
    const file = encoding === 'utf-8' ? Buffer.from(text) : encoding === 'utf-16le' ? utf16() : utf16().swap16();
    const reader = new RowReader(planFile(file.subarray(0, 65_536), { kind: 'contacts' }));
    let rows = 0;
    let largest = 0;
    for (let at = 0; at < file.length; at += 65_536) {
      rows += reader.push(file.subarray(at, at + 65_536)).length;
      largest = Math.max(largest, JSON.stringify(reader.state()).length);
    }
    rows += reader.end().length;
    expect(rows).toBe(20_000);
    expect(largest).toBeLessThan(400);
  });

  test('is bounded at a quote that is never closed: its row is refused, and the next rows are read', () => {
    const file = bytesOf(`Name,Email\nAda,a@x.example\n"Open,o@x.example\n${'Eva,e@x.example\n'.repeat(40_000)}`);
    const plan = planFile(file, { kind: 'contacts' });
    const reader = new RowReader(plan);
    const rows: SourceRow[] = [];
    let largest = 0;
    for (let at = 0; at < file.length; at += 65_536) {
      rows.push(...reader.push(file.subarray(at, at + 65_536)));
      largest = Math.max(largest, reader.state().text.length);
    }
    rows.push(...reader.end());
    expect(largest).toBeLessThan(LONGEST_ROW + 65_536);
    expect(rows).toHaveLength(40_002);
    expect(rows.flatMap((row) => readRow(row, plan).problems)).toEqual([
      { field: 'row', message: 'has a quote that is never closed' },
    ]);
  });
});

test('a line without an end is refused in bounded memory, and the next rows are read', () => {
  const file = bytesOf(`Name,Email\nAda,a@x.example\n${'x'.repeat(3_000_000)}\nEva,e@x.example\n`);
  const plan = planFile(file.subarray(0, 65_536), { kind: 'contacts' });
  const reader = new RowReader(plan);
  const rows: SourceRow[] = [];
  let largest = 0;
  for (let at = 0; at < file.length; at += 65_536) {
    rows.push(...reader.push(file.subarray(at, at + 65_536)));
    largest = Math.max(largest, JSON.stringify(reader.state()).length);
  }
  expect(largest).toBeLessThan(2 * 1024 * 1024);
  const read = rows.map((row) => readRow(row, plan));
  expect(read.flatMap(({ values }) => values?.name ?? [])).toEqual(['Ada', 'Eva']);
  expect(new Set(read.flatMap(({ problems }) => problems.map(({ message }) => message)))).toEqual(
    new Set(['is longer than 256 KiB: does the file have line ends?']),
  );
});

describe('rows that are no records', () => {
  test('at the end of a report are left out: after two empty rows, rows of one cell', () => {
    const file = bytesOf(
      'First Name,Email\nAda,a@x.example\n\n\nCopyright (c) Example\nConfidential\nEva,e@x.example\n',
    );
    expect(readInPieces(file, 1000).map(({ row }) => row)).toEqual([2, 7]);
  });

  test('with one cell within the table are read', () => {
    const file = bytesOf('First Name,Email\nAda\n\nEva\n');
    expect(readInPieces(file, 1000).map(({ row }) => row)).toEqual([2, 4]);
  });

  test('because no used column is filled are left out', () => {
    const file = bytesOf('First Name,Last Name,URL,Email Address\n,,https://x.example,\nAda,,,\n');
    expect(readInPieces(file, 1000).map(({ row }) => row)).toEqual([3]);
  });
});

test('a row with more cells than the header is refused', () => {
  const file = bytesOf('Name,Email\nDoe, Jane,j@x.example\nAda,a@x.example,,\n');
  const plan = planFile(file, { kind: 'contacts' });
  expect(readInPieces(file, 1000).map((row) => readRow(row, plan))).toEqual([
    {
      row: 2,
      values: null,
      problems: [{ field: 'row', message: 'has more cells than the header: is a comma not in quotes?' }],
    },
    { row: 3, values: { name: 'Ada', email: 'a@x.example' }, problems: [] },
  ]);
});
