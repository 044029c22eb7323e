/** Files that this project exported come back unchanged: each field is exactly the value that was exported. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newContactSchema } from '../../../src/crm/contacts/schema.ts';
import { csvRow } from '../../../src/platform/rest/index.ts';
import { readAll } from './reading.ts';

const HEADER = `\uFEFF${csvRow(['Name', 'E-mail', 'Phone', 'Job title', 'Company', 'Owner', 'Created at', 'Id'])}`;
const ID = 'contact_01JD3Y5Z8N4W6Q7R9S0T1V2X3A';

const readBack = (cells: string[]) => {
  const [name = '', phone = '', jobTitle = '', company = ''] = cells;
  const line = csvRow([name, 'a@x.example', phone, jobTitle, company, 'Ada', '2026-11-20T09:30:00.000Z', ID]);
  return readAll(HEADER + line, { kind: 'contacts' });
};

describe('an exported contact', () => {
  // U+FFFD is left out: it costs its row in every file, because it shows that a text was damaged.
  test('has the values that were exported, for any text that the API accepts without U+FFFD', () => {
    const signs = fc.constantFrom(
      "'",
      '=',
      '+',
      '-',
      '@',
      '"',
      ',',
      ';',
      ' ',
      '\u00a0',
      'a',
      'é',
      '名',
      '\u200d',
      '🙂',
    );
    const text = (most: number) =>
      fc.oneof(fc.string({ unit: signs, maxLength: most }), fc.string({ unit: 'grapheme', maxLength: most }));
    const field = (name: 'name' | 'phone' | 'jobTitle', most: number) =>
      text(most).map((said) => newContactSchema.shape[name].safeParse(said.replaceAll('\uFFFD', '')).data ?? 'x');
    const cells = fc.tuple(field('name', 40), field('phone', 40), field('jobTitle', 40), field('name', 40));
    fc.assert(
      fc.property(cells, ([name, phone, jobTitle, company]) => {
        const { plan, rows } = readBack([name, phone, jobTitle, company]);
        expect(plan).toMatchObject({ system: 'Holdfast', separator: ',', questions: [] });
        expect(rows).toEqual([
          {
            row: 2,
            values: { id: ID, name, email: 'a@x.example', phone, jobTitle, company, owner: 'Ada' },
            problems: [],
          },
        ]);
      }),
      { numRuns: 2000 },
    );
  });

  test.each(["'=1", "''+1", '=1+1', 'None', 'n/a', 'a ::: b', 'Doe, Jane', '4.91512E+11'])(
    'keeps the text %j in every field',
    (text) => {
      expect(readBack([text, text, text, text]).rows[0]?.values).toMatchObject({
        name: text,
        phone: text,
        jobTitle: text,
        company: text,
      });
    },
  );
});

describe('an exported file that a spreadsheet has written again', () => {
  test('has its days, domains, countries and amounts in the forms of the spreadsheet', () => {
    const deals = 'Title;Value;Currency;Expected close date;Created at;Id\nRoof;1200,50;EUR;20.11.2026;1.1.26;deal_1\n';
    expect(readAll(deals, { kind: 'deals' })).toMatchObject({
      plan: { system: 'Holdfast' },
      rows: [{ values: { value: '1200.50', expectedCloseDate: '2026-11-20' }, problems: [] }],
    });
    const companies = 'Name;Domain;Country;Created at;Id\nAcme;https://acme.example/;Germany;1.1.26;company_1\n';
    expect(readAll(companies, { kind: 'companies' }).rows).toMatchObject([
      { values: { domain: 'acme.example', country: 'DE' }, problems: [] },
    ]);
  });
});
