/** CSV, compared with papaparse, and the variants that spreadsheets and people write. */
import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { readContactFile } from '../../../src/crm/imports/file.ts';
import { CsvError, csvRow, rowsOf, textOf } from '../../../src/platform/rest/csv.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readContactFile(bytes(text));
const all = (text: string) => [...rowsOf(text, ',')];

describe('rows', () => {
  test('are the rows that papaparse reads, for any content of the cells', () => {
    const cell = fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', ' ', 'a', 'é', '\t') });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 }), (rows) => {
        const text = Papa.unparse(rows, { newline: '\n' });
        expect(all(text)).toEqual(Papa.parse(text, { delimiter: ',', newline: '\n' }).data);
        expect(all(text)).toEqual(rows);
      }),
    );
  });

  test.each([
    [
      'no line end after the last',
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a line end after the last',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['one column', 'a\nb\nc', [['a'], ['b'], ['c']]],
    [
      'an empty cell at the end',
      'a,\n,',
      [
        ['a', ''],
        ['', ''],
      ],
    ],
    ['a quote within a cell', 'a,5" pipe', [['a', '5" pipe']]],
    ['text after a closing quote', '"a"b,c', [['ab', 'c']]],
    ['a line end within quotes', '"a\nb",c', [['a\nb', 'c']]],
    ['nothing', '', []],
  ])('with %s', (_name, text, rows) => {
    expect(all(text)).toEqual(rows);
  });

  test('with a quote that is never closed cause an error that names the row', () => {
    expect(() => all('a,b\n1,"open\n2,x')).toThrow(new CsvError('Row 2 has a quote that is never closed'));
  });

  test('written as CSV are read back unchanged', () => {
    const cells = fc.array(fc.string({ unit: fc.constantFrom('"', ',', '\n', 'a', 'ø') }), { minLength: 2 });
    const check = (row: string[]) => {
      expect(all(csvRow(row).replace(/\r\n$/, '\n'))).toEqual([row]);
    };
    fc.assert(fc.property(cells, check));
  });

  test.each(['=1+1', '+1', '-1', '@A1', '\t=1', '\r=1'])('written are no formula: %j', (cell) => {
    expect(csvRow([cell, null])).toMatch(/^"?'/);
  });
});

describe('text', () => {
  test('loses its byte order mark and keeps one kind of line end', () => {
    expect(textOf(bytes('\uFEFFa\r\nb\rc\nd'))).toBe('a\nb\nc\nd');
  });

  test('may be UTF-16, as spreadsheets export it', () => {
    const utf16 = Uint8Array.from(Buffer.from('\uFEFFname\nAda', 'utf16le'));
    expect(textOf(utf16)).toBe('name\nAda');
  });

  test.each([
    ['Latin-1', Uint8Array.from(Buffer.from('name\nRené', 'latin1'))],
    ['UTF-16 without a mark', Uint8Array.from(Buffer.from('name\nAda', 'utf16le'))],
    ['a ZIP', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0xff)],
    ['replaced characters', bytes('name\nRen\uFFFD')],
  ])('in another encoding is refused: %s', (_name, file) => {
    expect(() => textOf(file)).toThrow(CsvError);
  });
});

describe('a file of contacts', () => {
  test('may use different names for its columns', () => {
    const { columns } = read(
      'First Name;Nachname;E-Mail Address;Phone_Number;Job title;Company Name;last_name\n;;a@b.c',
    );
    expect(columns.map(({ field }) => field)).toEqual([
      ...['firstName', null, 'email', 'phone', 'jobTitle', 'company', 'lastName'],
    ]);
  });

  test('keeps the number of each row and drops empty rows', () => {
    expect(read('name\nAda\n\n,,\nBob\n').chunks).toEqual([
      [
        [2, ['Ada']],
        [5, ['Bob']],
      ],
    ]);
  });

  test('keeps only the known columns, and cuts cells to the longest length that a field accepts', () => {
    const [[row = []] = []] = read(`secret,name\nx,${'y'.repeat(5000)}`).chunks;
    expect(row).toEqual([2, ['y'.repeat(1000)]]);
  });

  test('drops the cells of a row that does not fit the header', () => {
    expect(read('name,email\nLovelace, Ada,ada@example.com').chunks).toEqual([[[2, null]]]);
  });

  test.each([
    ['empty', '', 'The file is empty'],
    ['blank', ' \n\n', 'The file is empty'],
    ['a header alone', 'name,email\n', 'The file has no rows below its header'],
    ['no header', 'Ada,ada@example.com\nBob,bob@example.com', 'The first row must name the columns'],
    ['too many rows', `name\n${'a\n'.repeat(50_001)}`, 'The file has more than 50000 rows'],
    ['too many columns', `name${',x'.repeat(300)}\na`, 'The file has more than 200 columns'],
  ])('is refused if it is %s', (_name, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
