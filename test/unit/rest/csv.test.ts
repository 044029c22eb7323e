/** CSV, compared with papaparse, and the variants that spreadsheets and people write. */
import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { CsvError, csvRow, rowsOf, textOf } from '../../../src/platform/rest/csv.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
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
