/** One table in any form: the contacts do not depend on names of columns, encoding, separator, order, quotes and pieces. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planFile, RowReader, readRow } from '../../../src/crm/imports/read/index.ts';
import { type ExpectedContact, toExpected } from './reading.ts';

const PEOPLE: readonly ExpectedContact[] = [
  {
    name: 'Käthe Größler',
    email: 'k@alpen.example',
    phone: '+49 221 0000401',
    company: 'Alpen AG',
    jobTitle: 'Leiterin',
  },
  { name: 'Noor El Amrani', email: 'noor@x.example', phone: null, company: 'Zee, wind', jobTitle: 'Site "Manager"' },
  { name: 'Paulo Reis', email: null, phone: '(11) 0000-0504', company: 'Rio Azul, Lda.', jobTitle: null },
  {
    name: 'Info',
    email: 'info@quellwerk.example',
    phone: '0341 / 000 24 03',
    company: null,
    jobTitle: 'Head of, Sales',
  },
];

/** Names of the columns, by language. The name of the person is in one column or in two. */
const NAMES = {
  en: {
    whole: 'Name',
    first: 'First Name',
    last: 'Last Name',
    email: 'E-mail',
    phone: 'Phone',
    company: 'Company',
    job: 'Job Title',
  },
  de: {
    whole: 'Name',
    first: 'Vorname',
    last: 'Nachname',
    email: 'E-Mail',
    phone: 'Telefon',
    company: 'Firma',
    job: 'Funktion',
  },
  fr: {
    whole: 'Nom',
    first: 'Prénom',
    last: 'Nom',
    email: 'Courriel',
    phone: 'Téléphone',
    company: 'Société',
    job: 'Fonction',
  },
  es: {
    whole: 'Nombre',
    first: 'Nombre',
    last: 'Apellidos',
    email: 'Correo',
    phone: 'Teléfono',
    company: 'Empresa',
    job: 'Cargo',
  },
  sv: {
    whole: 'Namn',
    first: 'Förnamn',
    last: 'Efternamn',
    email: 'E-post',
    phone: 'Telefon',
    company: 'Företag',
    job: 'Befattning',
  },
  ja: {
    whole: '名前',
    first: '名',
    last: '姓',
    email: 'メールアドレス',
    phone: '電話番号',
    company: '会社名',
    job: '役職',
  },
} as const;

const form = fc.record({
  language: fc.constantFrom(...(Object.keys(NAMES) as (keyof typeof NAMES)[])),
  isWhole: fc.boolean(),
  spelling: fc.constantFrom(
    (name: string) => name,
    (name: string) => name.toUpperCase(),
    (name: string) => ` ${name.replaceAll(' ', '_')} `,
    (name: string) => name.normalize('NFD'),
  ),
  separator: fc.constantFrom(',', ';', '\t', '|'),
  isSaid: fc.boolean(),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  encoding: fc.constantFrom('utf-8', 'utf-8 with mark', 'utf-16le', 'utf-16be', 'windows-1252'),
  order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }),
  quotes: fc.constantFrom('needed', 'all'),
  before: fc.constantFrom([], [''], ['Contacts exported 2026-11-01'], ['Notes:', '', '']),
  isNfd: fc.boolean(),
  size: fc.integer({ min: 1, max: 400 }),
});
type Column = [name: string, cell: (person: ExpectedContact) => string | null];
type Form = typeof form extends fc.Arbitrary<infer Value> ? Value : never;

function textOf({
  language,
  isWhole,
  spelling,
  separator,
  isSaid,
  lineEnd,
  order,
  quotes,
  before,
  isNfd,
}: Form): string {
  const names = NAMES[language];
  const parts: Column[] = [
    [names.first, ({ name }) => name?.split(' ')[0] ?? null],
    [names.last, ({ name }) => name?.split(' ').slice(1).join(' ') ?? null],
  ];
  const columns: Column[] = [
    ...(isWhole ? [[names.whole, ({ name }) => name] satisfies Column] : parts),
    [names.email, ({ email }) => email],
    [names.phone, ({ phone }) => phone],
    [names.company, ({ company }) => company],
    // The line break in the cell becomes a blank.
    [names.job, ({ jobTitle }) => jobTitle?.replace(', ', ',\n') ?? null],
  ];
  const ordered = order.flatMap((index) => {
    const column = columns[index];
    return column ? [column] : [];
  });
  const quoted = (cell: string) => {
    const isNeeded = quotes === 'all' || /["\r\n]/.test(cell) || cell.includes(separator);
    return isNeeded ? `"${cell.replaceAll('"', '""')}"` : cell;
  };
  const lines = [
    ordered.map(([name]) => quoted(spelling(name))),
    ...PEOPLE.map((person) =>
      ordered.map(([, cell]) => quoted((isNfd ? cell(person)?.normalize('NFD') : cell(person)) ?? '')),
    ),
  ].map((cells) => cells.join(separator));
  return [...(isSaid ? [`sep=${separator}`] : []), ...before, ...lines, ''].join(lineEnd);
}

/** Returns the bytes of the text, or `null` if the encoding lacks one of its signs. */
function bytesIn(encoding: string, text: string): Uint8Array | null {
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'utf-8 with mark') return Buffer.from(`\uFEFF${text}`);
  if (encoding === 'windows-1252') {
    return /^[\0-\x7f\xa0-\xff]*$/.test(text) ? Uint8Array.from(text, (sign) => sign.charCodeAt(0)) : null;
  }
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return encoding === 'utf-16le' ? bytes : bytes.swap16();
}

test('a table has the same contacts in every form', () => {
  fc.assert(
    fc.property(form, (chosen) => {
      const file = bytesIn(chosen.encoding, textOf(chosen));
      fc.pre(file !== null);
      if (!file) return;
      const plan = planFile(file, {
        kind: 'contacts',
        charset: chosen.encoding === 'windows-1252' ? 'latin1' : 'utf-8',
      });
      const reader = new RowReader(plan);
      const rows = [];
      for (let at = 0; at < file.length; at += chosen.size)
        rows.push(...reader.push(file.subarray(at, at + chosen.size)));
      rows.push(...reader.end());
      expect(rows.map((row) => readRow(row, plan).values).map((values) => values && toExpected(values))).toEqual(
        PEOPLE,
      );
      expect(plan.questions).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});
