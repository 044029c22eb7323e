/** Contacts that the API accepts are the same after an export and an import, whatever their texts are. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newContactSchema } from '../../../src/crm/contacts/schema.ts';
import { exportTables } from '../../../src/crm/exports/tables.ts';
import { csvRow } from '../../../src/platform/rest/csv.ts';
import { anyCharacter } from '../../support/any-text.ts';
import { readAll } from '../imports/reading.ts';

const HEADER = `\uFEFF${csvRow(exportTables.contacts.columns)}`;
const CONTACTS = 10_000;

/** Parts of texts that files and spreadsheets treat in ways of their own, and characters of every script. */
const part = fc.oneof(
  fc.constantFrom(...['"', '""', ',', ';', "'", '=', '+', '-', '@', '=1+1', "'=", "''+", '\t', '\n', '\r', ' ', '  ']),
  fc.constantFrom(
    ...['e\u0301', '\u00a0', '\u3000', '\u200b', '\u200d', '\ufeff', '\u202e', '\ufffd', '\u2028', 'sep=;'],
  ),
  fc.constantFrom(
    ...['Łucja', 'Ωμέγα', 'Ёлка', 'دنيا', 'שלום', '李', 'ひらがな', '한국', 'ไทย', 'हिन्दी', '👩\u200d👧', 'ﬁ', 'ＡＢ'],
  ),
  anyCharacter,
);
const line = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
const email = fc
  .tuple(line, fc.constantFrom('bücher.example', 'X.example', 'xn--bcher-kva.example', '例子.公司'))
  .map(([local, domain]) => `${local}@${domain}`);
const contact = fc.record({
  name: line,
  email: fc.option(email),
  phone: fc.option(line),
  jobTitle: fc.option(line),
});

test(`${CONTACTS} contacts that the API accepts are the same, byte for byte, after export, import and export`, () => {
  const accepted: { name: string; email?: string | null; phone?: string | null; jobTitle?: string | null }[] = [];
  while (accepted.length < CONTACTS) {
    for (const drawn of fc.sample(contact, 5_000)) {
      // A field that the API refuses is left out, and so the contact is accepted more often.
      const parsed = newContactSchema.safeParse(drawn);
      const wrong = new Set(parsed.error?.issues.map(({ path }) => path[0]));
      const rest = Object.fromEntries(Object.entries(drawn).filter(([field]) => !wrong.has(field)));
      const again = newContactSchema.safeParse(rest);
      if (again.success) accepted.push(again.data);
    }
  }
  const cellsOf = (row: (typeof accepted)[number], id: number) => [
    ...[row.name, row.email ?? '', row.phone ?? '', row.jobTitle ?? ''],
    ...['', '', '2026-11-20T09:30:00.000Z', `contact_${id}`],
  ];
  const exported = (rows: typeof accepted) => HEADER + rows.map((row, id) => csvRow(cellsOf(row, id))).join('');
  const first = exported(accepted);
  const { rows } = readAll(first, { kind: 'contacts' });
  expect(rows.flatMap(({ problems }) => problems)).toEqual([]);
  const imported = rows.map(({ values }) => ({ ...values, name: values?.name ?? '' }));
  // The apostrophe before a formula is in the file only, so equal files are not enough.
  const texts = (all: typeof accepted) =>
    all.map((row) => [row.name, row.email, row.phone, row.jobTitle].map((text) => text ?? null));
  expect(texts(imported)).toEqual(texts(accepted));
  expect(exported(imported)).toBe(first);
});
