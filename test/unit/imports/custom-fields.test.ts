/** Columns and cells of custom fields: which field a column fills, and which value a cell is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Field } from '../../../src/crm/fields/field.ts';
import { valueOfField } from '../../../src/crm/fields/field.ts';
import { readRow } from '../../../src/crm/imports/read/index.ts';
import { csvRow } from '../../../src/platform/rest/index.ts';
import { planOf, readAll } from './reading.ts';

const field = (key: string, type: Field['type'] = 'text', more: Partial<Field> = {}): Field => ({
  ...{ id: `field_${key}`, key, name: `The ${key}`, type, options: [] },
  ...more,
});
const columnsOf = (header: string, fields: Field[], mapping = {}) =>
  planOf(`${header}\nAda,x,y,z\n`, { kind: 'contacts', fields, mapping }).columns.map(
    ({ field: known, custom }) => custom?.key ?? known,
  );

describe('a column', () => {
  test.each([
    ['custom.region', 'region'],
    ['The region', 'region'],
    ['THE-REGIÓN', 'region'],
    ['Region', 'region'],
    ['Score 1', 'score_1'],
    ['Score 2', 'score_2'],
    ['Region two', null],
  ])('%s fills %s', (column, key) => {
    expect(columnsOf(`Name,${column}`, [field('region'), field('score_1'), field('score_2')])[1]).toBe(key);
  });

  test('keeps its own field if its whole name is known, and loses one that only a part of its name is', () => {
    const fields = [field('phone', 'text', { name: 'Phone' }), field('billing', 'text', { name: 'Billing Email' })];
    expect(columnsOf('Name,Phone,Billing Email', fields)).toEqual(['name', 'phone', 'billing']);
    expect(columnsOf('Name,Phone,Billing Email', [])).toEqual(['name', 'phone', 'email']);
  });

  test('is left out if another column was chosen for its field', () => {
    expect(columnsOf('Name,Region,Gebiet', [field('region')], { Gebiet: 'custom.region' })).toEqual([
      'name',
      null,
      'region',
    ]);
  });

  test('named Id is the id of the record, also if a field has this name', () => {
    expect(columnsOf('Id,Name', [field('ident', 'text', { name: 'ID' })])).toEqual(['id', 'name']);
  });

  test('of a field marks the row of the header', () => {
    const file = 'My report\nGebiet,Name\nNorth,Ada\n';
    expect(planOf(file, { kind: 'contacts', fields: [field('gebiet')] })).toMatchObject({ headerRow: 2 });
  });
});

describe('a cell of another program', () => {
  const read = (definition: Field, ...cells: string[]) => {
    const file = `Name\tThe ${definition.key}\n${cells.map((cell) => `Ada\t${cell}\n`).join('')}`;
    const { rows } = readAll(file, { kind: 'contacts', fields: [definition] });
    return rows.map(
      ({ values, problems }) => values?.custom?.[definition.id] ?? (problems.length > 0 ? 'refused' : null),
    );
  };

  test.each([
    ['number', ['12', '-3.5', '1 234,5', "1'000", '12 kg', 'Q3', '4.479E+11', '25%', ''], [12, -3.5, 1234.5, 1000]],
    ['date', ['2026-12-31', '31.12.2026', '0000-00-00', 'soon', '2026-02-30'], ['2026-12-31', '2026-12-31', null]],
    ['boolean', ['true', 'NO', '1', 'Ja', 'maybe'], [true, false, true, true]],
    [
      'url',
      ['x.example/a', 'http://x.example', 'mailto:a@x.example', 'x'],
      ['https://x.example/a', 'http://x.example/'],
    ],
    ['text', ['="007"', 'n/a', 'x'.repeat(501)], ['007', null]],
  ] as const)('is a %s or is refused', (type, cells, values) => {
    const rest = cells.slice(values.length).map((cell) => (cell === '' ? null : 'refused'));
    expect(read(field('it', type), ...cells)).toEqual([...values, ...rest]);
  });

  test('is an option of a choice in any case, also one that means nothing elsewhere', () => {
    const choice = field('it', 'choice', { options: ['None', 'Gold', 'gold'] });
    expect(read(choice, 'NONE', 'gold', 'n/a')).toEqual(['None', 'gold', null]);
  });

  test('is the first filled one of the columns of a field', () => {
    const options = { kind: 'contacts', fields: [field('region')] } as const;
    const { rows } = readAll('Name,Region,The region\nAda,,North\nBob,South,North\n', options);
    expect(rows.map(({ values }) => values?.custom)).toEqual([{ field_region: 'North' }, { field_region: 'South' }]);
  });
});

test('a field that is not defined any more is left out with its reason, and so is a damaged cell', () => {
  const plan = planOf('Name,Region\nAda,North\n', { kind: 'contacts', fields: [field('region')] });
  expect(readRow({ row: 2, cells: ['Ada', 'North'] }, plan, [])).toEqual({
    ...{ row: 2, values: { name: 'Ada' } },
    problems: [{ field: 'custom.region', message: 'is the field of a definition that was deleted' }],
  });
  expect(readRow({ row: 2, cells: ['Ada', ''] }, plan, []).problems).toEqual([]);
  const { values, problems } = readRow({ row: 2, cells: ['Ada', 'N\uFFFDrth'] }, plan);
  expect([values, problems.length]).toEqual([{ name: 'Ada' }, 1]);
});

describe('an exported file', () => {
  const HEADER = ['Name', 'Created at', 'Id'];
  const ID = 'contact_01JD3Y5Z8N4W6Q7R9S0T1V2X3A';
  const readOne = (definition: Field, cell: string) => {
    const file = `\uFEFF${csvRow([...HEADER, definition.name])}${csvRow(['Ada', '2026-11-20T09:30:00.000Z', ID, cell])}`;
    return readAll(file, { kind: 'contacts', fields: [definition] });
  };

  test.each(['text', 'url', 'number', 'date', 'boolean'] as const)(
    'has the values of a %s that were exported',
    (type) => {
      const given = {
        text: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.constantFrom("'=1", '="a"', '-', 'n/a', "'")),
        url: fc.webUrl({ withQueryParameters: true, withFragments: true }),
        number: fc.tuple(fc.integer(), fc.integer({ min: 0, max: 6 })).map(([units, places]) => units / 10 ** places),
        date: fc
          .date({ min: new Date(0), max: new Date('2099-12-31'), noInvalidDate: true })
          .map((day) => day.toISOString().slice(0, 10)),
        boolean: fc.boolean(),
      }[type] as fc.Arbitrary<unknown>;
      const definition = field('it', type);
      fc.assert(
        fc.property(given, (any) => {
          const value = valueOfField(definition, any);
          fc.pre(value !== undefined);
          const { plan, rows } = readOne(definition, String(value));
          expect(plan.system).toBe('Holdfast');
          expect(rows[0]?.values?.custom).toEqual({ field_it: Object.is(value, -0) ? 0 : value });
          expect(rows[0]?.problems).toEqual([]);
        }),
      );
    },
  );

  test('that a spreadsheet has rewritten is read as other files', () => {
    expect(readOne(field('it', 'boolean'), 'TRUE').rows[0]?.values?.custom).toEqual({ field_it: true });
    expect(readOne(field('it', 'date'), '31.12.2026').rows[0]?.values?.custom).toEqual({ field_it: '2026-12-31' });
  });

  test('has its columns of custom fields behind Id, also those with the name of another column', () => {
    const fields = [field('a', 'text', { name: 'Name' }), field('b', 'text', { name: 'Name' })];
    const keys = (header: string[]) =>
      planOf(`${csvRow(header)}${csvRow(header.map(() => 'x'))}`, { kind: 'contacts', fields }).columns.map(
        ({ field: known, custom }) => custom?.key ?? known,
      );
    expect(keys([...HEADER, 'Name', 'Name'])).toEqual(['name', null, 'id', 'a', 'b']);
    // One of the two columns is missing, so nothing decides which field the other one is.
    expect(keys([...HEADER, 'Name'])).toEqual(['name', null, 'id', null]);
  });
});
