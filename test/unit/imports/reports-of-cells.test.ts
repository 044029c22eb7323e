/**
 * Faults in encodings and cells that users of the contact import have reported. Each case is the smallest file that showed
 * the fault, and the right value.
 * `reports.test.ts` has the reports about columns.
 */
import { describe, expect, test } from 'vitest';
import { contactsIn, planOf, readAll } from './reading.ts';

const contacts = { kind: 'contacts' } as const;

const valuesOf = (text: string) => readAll(text, contacts).rows.map(({ values }) => values);

describe('R14: a declared charset', () => {
  const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

  test('decodes the file', () => {
    const options = { ...contacts, charset: 'windows-1252' };
    expect(contactsIn(latin1('Name\nJosé Ñandú \x80\n'), options)).toMatchObject([{ name: 'José Ñandú €' }]);
    expect(planOf(latin1('Name\nJosé\n'), { ...contacts, charset: 'ISO-8859-1' }).encoding).toBe('windows-1252');
  });

  test('gives way to a byte order mark', () => {
    expect(planOf('\uFEFFName\nJosé\n', { ...contacts, charset: 'windows-1252' }).encoding).toBe('utf-8');
  });

  test('that is unknown is refused by its name', () => {
    expect(() => planOf('Name\nAda\n', { ...contacts, charset: 'ebcdic' })).toThrow(
      expect.objectContaining({ code: 'CSV_CHARSET_UNKNOWN', message: 'The charset “ebcdic” is not known' }),
    );
  });

  test.each([
    ['with', 'le', '\uFEFF'],
    ['with', 'be', '\uFEFF'],
    ['without', 'le', ''],
    ['without', 'be', ''],
  ])('is not needed for UTF-16 %s a byte order mark, %s', (_with, order, mark) => {
    const utf16 = Buffer.from(`${mark}Name\tEmail\nŁucja Żak\tl@x.example\n`, 'utf16le');
    const bytes = order === 'le' ? utf16 : utf16.swap16();
    expect(contactsIn(new Uint8Array(bytes), contacts)).toMatchObject([{ name: 'Łucja Żak', email: 'l@x.example' }]);
  });
});

describe('R15: a number that a spreadsheet has shortened', () => {
  test.each(['4.91512E+11', '"4,91515E+11"', '4.479E11'])('%s is refused by name, and its row is kept', (number) => {
    const { rows } = readAll(`Name,Phone\nAda,${number}\n`, contacts);
    expect(rows).toEqual([
      {
        row: 2,
        values: { name: 'Ada' },
        problems: [
          {
            field: 'phone',
            message: 'was shortened by a spreadsheet in “Phone”: format the column as text and export it again',
          },
        ],
      },
    ]);
  });

  test('gives way to a number in another column', () => {
    expect(contactsIn('Name,Phone,Mobile\nAda,4.91512E+11,+49 151 200300\n', contacts)).toMatchObject([
      { phone: '+49 151 200300' },
    ]);
  });
});

describe('R16: white space', () => {
  test.each([
    '"Head of\nSales"',
    '"Head of\r\n  Sales"',
    'Head of\tSales',
    'Head\u00a0of\u202fSales',
    'Head of\fSales',
  ])('%j becomes one blank', (title) => {
    expect(contactsIn(`Name,Email,Job Title\nAlt,ae@x.example,${title}\n`, contacts)).toMatchObject([
      { jobTitle: 'Head of Sales' },
    ]);
  });

  test('and the sign of DOS for the end of a file are no row', () => {
    expect(readAll('Name,Email\nAda,a@x.example\n\x1a', contacts).rows).toHaveLength(1);
  });
});

describe('R17: several values in a cell', () => {
  test.each([
    ['tove.a@k.example ::: tove.b@k.example', 'tove.a@k.example'],
    ['one@two.example; two@two.example', 'one@two.example'],
    ['"one@two.example, two@two.example"', 'one@two.example'],
    ['one@two.example two@two.example', 'one@two.example'],
    ['"one@two.example\ntwo@two.example"', 'one@two.example'],
    ['not an address; two@two.example', 'two@two.example'],
    ['Tove <tove@k.example>', 'tove@k.example'],
    ['Tove (tove@k.example)', 'tove@k.example'],
    ['mailto:Tove@K.example', 'tove@k.example'],
    ['" tove@k.example "', 'tove@k.example'],
    ["o'brien@k.example", "o'brien@k.example"],
  ])('%s: the address is %s', (cell, email) => {
    expect(contactsIn(`Name,Email\nTove,${cell}\n`, contacts)).toMatchObject([{ name: 'Tove', email }]);
  });

  test('are reported if more than one is usable', () => {
    const { rows } = readAll('Name,Email\nTove,a@k.example ::: b@k.example\n', contacts);
    expect(rows[0]?.problems).toEqual([{ field: 'email', message: 'has 2 values in one cell; the first is used' }]);
  });

  test.each([
    ['+34 910 000 102 ::: +34 600 000 102', '+34 910 000 102'],
    ['+34 910 000 102; +34 600 000 102', '+34 910 000 102'],
    ['"+39 051 000703, +39 333 0000703"', '+39 051 000703'],
    ['0341 / 000 24 03', '0341 / 000 24 03'],
    ['0341 0002403 / 0170 0002403', '0341 0002403'],
    ['(11) 0000-0504', '(11) 0000-0504'],
    ['tel:+49-30-000123', '+49-30-000123'],
    ['112', '112'],
  ])('%s: the number is %s', (cell, phone) => {
    expect(contactsIn(`Name,Phone\nTove,${cell}\n`, contacts)).toMatchObject([{ phone }]);
  });

  test.each(['n/a', '-', 'none', 'NULL', '#N/A', '(blank)', 'k.A.', '--'])('%s is an empty cell', (cell) => {
    expect(readAll(`Name,Email,Phone\nTove,${cell},${cell}\n`, contacts).rows).toEqual([
      { row: 2, values: { name: 'Tove' }, problems: [] },
    ]);
  });

  test('that are wrong cost the field and not the row', () => {
    expect(readAll('Name,Email,Company\nTove,nothing,K\n', contacts).rows).toEqual([
      {
        row: 2,
        values: { name: 'Tove', company: 'K' },
        problems: [{ field: 'email', message: 'is not an e-mail address' }],
      },
    ]);
  });
});

describe('R18: Unicode', () => {
  test('texts are in the form NFC', () => {
    const text = 'Name,Company\nZoé,Café\n'.normalize('NFD');
    expect(contactsIn(text, contacts)).toMatchObject([{ name: 'Zoé', company: 'Café' }]);
  });

  test('joiners of letters stay', () => {
    expect(contactsIn('Name\nمی\u200cخواهم\n', contacts)).toMatchObject([{ name: 'می\u200cخواهم' }]);
  });

  test('and the marks around numbers and addresses are left out', () => {
    const text = 'Name,Phone,Email\nTove,\u202a+31 6 0000 1102\u202c,\u200btove@k.example\ufeff\n';
    expect(contactsIn(text, contacts)).toMatchObject([{ phone: '+31 6 0000 1102', email: 'tove@k.example' }]);
  });
});

describe('R22: a list of addresses only', () => {
  test('has contacts that are called by their addresses, until their names are known', () => {
    expect(valuesOf('Email\na@x.example\nB@x.example\n')).toEqual([
      { name: 'a@x.example', halfName: true, email: 'a@x.example' },
      { name: 'b@x.example', halfName: true, email: 'b@x.example' },
    ]);
  });
});
