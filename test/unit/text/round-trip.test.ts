/** Records that the API accepts are the same after an export and an import, whatever their texts are. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newCompanySchema } from '../../../src/crm/companies/schema.ts';
import { newContactSchema } from '../../../src/crm/contacts/schema.ts';
import { newDealSchema, stages } from '../../../src/crm/deals/schema.ts';
import { exportTables } from '../../../src/crm/exports/tables.ts';
import type { ImportKind } from '../../../src/crm/imports/read/plan.ts';
import { csvRow } from '../../../src/platform/rest/csv.ts';
import { acceptedBy, anyDay, anyDomain, anyLine } from '../../support/any-line.ts';
import { readAll } from '../imports/reading.ts';

const RECORDS = 10_000;
const CREATED = '2026-11-20T09:30:00.000Z';

/** The values that the cells of a record have, by the names of the fields in a file; those without a value are null. */
type Cells = Record<string, string | number | null>;

/** Writes records as the export does, in cells by the names of the fields, and reads them as the import does. */
function roundTrip(kind: ImportKind, records: readonly Cells[], order: readonly string[]): void {
  const exported = (rows: readonly Cells[]) => {
    const lines = rows.map((row, id) =>
      csvRow(order.map((field) => (field === 'id' ? `${kind}_${id}` : field === '' ? CREATED : textOf(row[field])))),
    );
    return `\uFEFF${csvRow(exportTables[kind].columns)}${lines.join('')}`;
  };
  const first = exported(records);
  const { rows } = readAll(first, { kind });
  expect(rows.flatMap(({ problems }) => problems)).toEqual([]);
  const imported = rows.map(({ values }) => ({ ...values }) as unknown as Cells);
  // The apostrophe before a formula is in the file only, so equal files are not enough.
  const texts = (all: readonly Cells[]) =>
    all.map((row) => order.filter((field) => field !== 'id' && field !== '').map((field) => textOf(row[field])));
  expect(texts(imported)).toEqual(texts(records));
  expect(exported(imported)).toBe(first);
}

function textOf(value: string | number | null | undefined): string | null {
  return value === undefined || value === null ? null : String(value);
}

test(`${RECORDS} contacts that the API accepts are the same, byte for byte, after export, import and export`, () => {
  const email = fc.tuple(anyLine, anyDomain).map(([local, domain]) => `${local}@${domain}`);
  const drawn = fc.record({
    name: anyLine,
    email: fc.option(email),
    phone: fc.option(anyLine),
    jobTitle: fc.option(anyLine),
  });
  const order = ['name', 'email', 'phone', 'jobTitle', 'company', 'owner', '', 'id'];
  roundTrip('contacts', acceptedBy(newContactSchema.omit({ custom: true }), drawn, RECORDS) as Cells[], order);
});

test(`${RECORDS} companies that the API accepts are the same, byte for byte, after export, import and export`, () => {
  const code = fc.tuple(fc.nat(25), fc.nat(25)).map((letters) => String.fromCharCode(...letters.map((n) => 65 + n)));
  const drawn = fc.record({
    name: anyLine,
    domain: fc.option(anyDomain),
    industry: fc.option(anyLine),
    employees: fc.option(fc.nat(10_000_000)),
    city: fc.option(anyLine),
    country: fc.option(fc.oneof(code, fc.constant('UK'))),
  });
  const order = ['name', 'domain', 'industry', 'employees', 'city', 'country', 'owner', '', 'id'];
  roundTrip('companies', acceptedBy(newCompanySchema.omit({ custom: true }), drawn, RECORDS) as Cells[], order);
});

test.each([
  ['JPY', 0],
  ['EUR', 2],
  ['KWD', 3],
])(
  `${RECORDS} deals in %s that the API accepts are the same, byte for byte, after export, import and export`,
  (currency, places) => {
    const drawn = fc.record({
      title: anyLine,
      stage: fc.constantFrom(...stages),
      value: fc.bigInt({ min: 0n, max: 10n ** BigInt(12 + places) - 1n }).map((units) => amountOf(units, places)),
      expectedCloseDate: fc.option(anyDay),
    });
    const deals = acceptedBy(newDealSchema, drawn, RECORDS).map((deal) => ({ ...deal, currency }) as unknown as Cells);
    const people = acceptedBy(newContactSchema, fc.record({ name: anyLine }), RECORDS);
    const named = deals.map((deal, index) => {
      const name = (offset: number) => people[(index + offset) % people.length]?.name ?? null;
      return { ...deal, company: name(0), contact: name(1), owner: name(2) };
    });
    const order = [
      'title',
      'stage',
      'value',
      'currency',
      'company',
      'contact',
      'owner',
      'expectedCloseDate',
      '',
      '',
      'id',
    ];
    roundTrip('deals', named, order);
  },
);

function amountOf(units: bigint, places: number): string {
  const digits = units.toString().padStart(places + 1, '0');
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
