/**
 * Faults that users of the contact import have reported. Each case is the smallest file that showed the fault, and the right
 * value. The numbers R1 to R22 are those of the reports.
 */
import { describe, expect, test } from 'vitest';
import type { FilePlan } from '../../../src/crm/imports/read/plan.ts';
import { CsvError } from '../../../src/platform/rest/index.ts';
import { bytesOf, contactsIn, planOf, readAll } from './reading.ts';

const contacts = { kind: 'contacts' } as const;

/** The fields of the columns, by the names of the columns. */
const fieldsOf = ({ columns }: FilePlan) => Object.fromEntries(columns.map(({ column, field }) => [column, field]));
const header = (...names: string[]) => `${names.join(',')}\n${names.map(() => '').join(',')}\n`;
const valuesOf = (text: string) => readAll(text, contacts).rows.map(({ values }) => values);

describe('R1: half a name', () => {
  test.each([
    [',Watson', 'Watson'],
    ['Anna,', 'Anna'],
  ])('%j is marked, so that it replaces no known name', (cells, name) => {
    expect(valuesOf(`First Name,Last Name,Email\n${cells},a@x.example\n`)).toEqual([
      { name, halfName: true, email: 'a@x.example' },
    ]);
  });

  test('is not a whole name, nor a name of two parts', () => {
    expect(valuesOf('Name,Email\nWatson,a@x.example\n')).toEqual([{ name: 'Watson', email: 'a@x.example' }]);
    expect(valuesOf('First Name,Last Name\nAda,Byron\n')).toEqual([{ name: 'Ada Byron' }]);
  });

  test('is also the only part that the file has', () => {
    expect(valuesOf('First Name,Email\nMary,a@x.example\n')).toEqual([
      { name: 'Mary', halfName: true, email: 'a@x.example' },
    ]);
  });
});

describe('R2: Title', () => {
  test('of Outlook is the salutation, and Job Title is the job title', () => {
    const text =
      'Title,First Name,Last Name,Company,Job Title,E-mail Address\n' +
      'Mr.,Ole,Nordmo,Fjordnett,Head of Purchasing,ole@fjordnett.example\n';
    expect(contactsIn(text, contacts)).toMatchObject([{ name: 'Ole Nordmo', jobTitle: 'Head of Purchasing' }]);
  });

  test('is the job title in files of Salesforce, beside a salutation', () => {
    const text = 'Salutation,First Name,Last Name,Title,Email\nMr.,Ole,Nordmo,Buyer,ole@x.example\n';
    expect(contactsIn(text, contacts)).toMatchObject([{ name: 'Ole Nordmo', jobTitle: 'Buyer' }]);
  });

  test('is the salutation if its cells are salutations', () => {
    const text = 'Name,Title,Email\nOle,Mr.,ole@x.example\nEva,Prof. Dr.,eva@x.example\n';
    expect(contactsIn(text, contacts)).toMatchObject([{ jobTitle: null }, { jobTitle: null }]);
  });

  test('twice in a French file is the salutation and then the job title', () => {
    const text = 'Titre,Prénom,Nom,Société,Titre\n,Anne,Roux,Lumière SA,Directrice\n';
    expect(contactsIn(text, contacts)).toMatchObject([{ name: 'Anne Roux', jobTitle: 'Directrice' }]);
  });

  test.each([
    ['Titel,Vorname,Nachname\nEinkäufer,Jörg,Weiß\n', 'Einkäufer'],
    ['Titel,Vorname,Nachname\nDr.,Jörg,Weiß\n', null],
    ['Titel,Förnamn,Efternamn\n,Jörg,Weiß\nInköpare,Ida,Ek\n', null],
  ])('in another language follows its cells: %j', (text, jobTitle) => {
    expect(contactsIn(text, contacts)[0]).toMatchObject({ jobTitle });
  });
});

describe('R3: addresses', () => {
  test.each([
    ...['Email 1', 'Email1', 'Email (Primary)', 'Email - Work', 'Person - Email - Work', 'Business Email'],
    ...['Personal Email', 'Email Id', 'Contact Email', 'Customer Email', 'Email Adress', 'emailaddress1'],
    ...['Email address (work)', 'E-Mail-Adresse', 'E_MAIL', 'work_email', 'Primary e-mail address', 'メールアドレス'],
  ])('are in the column %s', (column) => {
    expect(contactsIn(`Full Name,${column},Company\nAda,ada@x.example,Dup Co\n`, contacts)).toEqual([
      { name: 'Ada', email: 'ada@x.example', phone: null, company: 'Dup Co', jobTitle: null },
    ]);
  });

  test('in a column with an unknown name are used, and the plan asks', () => {
    const { plan, rows } = readAll('Full Name,Zustellung\nAda,ada@x.example\n', contacts);
    expect(rows[0]?.values).toMatchObject({ email: 'ada@x.example' });
    expect(plan.questions).toMatchObject([{ column: 'Zustellung', code: 'ADDRESSES_FOUND' }]);
  });

  test('in a second column with an unknown name are not used, and the plan asks', () => {
    const { plan, rows } = readAll('Name,Email,Rechnung an\nAda,,bill@x.example\nEva,e@x.example,\n', contacts);
    expect(rows.map(({ values }) => values?.email)).toEqual([undefined, 'e@x.example']);
    expect(plan.questions).toMatchObject([{ column: 'Rechnung an', code: 'ADDRESSES_UNUSED' }]);
  });

  test('of other persons are not the address of the contact', () => {
    const text = 'Name,Assistant Email,Guest Email(s),Email Opt Out,Email\nAda,a@x.example,g@x.example,false,\n';
    expect(contactsIn(text, contacts)).toMatchObject([{ email: null }]);
  });

  test('are in the long form of Pipedrive', () => {
    expect(contactsIn('Person - Name,Person - Email - Work\nAda,ada@x.example\n', contacts)).toMatchObject([
      { name: 'Ada', email: 'ada@x.example' },
    ]);
  });
});

describe('R4: the caller', () => {
  test('chooses the fields of columns, and other columns of the field are left out', () => {
    const mapping = { Wer: 'name', Wohin: 'email', Email: null } as const;
    const { plan, rows } = readAll('Wer;Wohin;Email;Mail\nAda;ada@x.example;b@x.example;c@x.example\n', {
      ...contacts,
      mapping,
    });
    expect(fieldsOf(plan)).toEqual({ Wer: 'name', Wohin: 'email', Email: null, Mail: null });
    expect(rows[0]?.values).toEqual({ name: 'Ada', email: 'ada@x.example' });
  });

  test('may have columns with the names of properties of objects', () => {
    const options = { ...contacts, mapping: { Name: 'name' } } as const;
    expect(fieldsOf(planOf('Name,constructor,toString\nAda,,\n', options))).toEqual({
      Name: 'name',
      constructor: null,
      toString: null,
    });
  });

  test('learns the columns that were found and the fields that columns can fill', () => {
    expect(() => planOf('Wer,Straße\nAda,Weg 1\n', contacts)).toThrow(
      expect.objectContaining({
        code: 'CSV_COLUMNS_UNKNOWN',
        message: expect.stringMatching(/“Wer”, “Straße”.*firstName.*email/s),
      }),
    );
  });

  test('learns that a column of the mapping is not in the file', () => {
    const options = { ...contacts, mapping: { Nam: 'name' } } as const;
    expect(() => planOf('Name\nAda\n', options)).toThrow(
      new CsvError(
        'The file has no column “Nam”. The columns found are “Name”. Columns can be id, name, firstName, middleName, ' +
          'lastName, displayName, salutation, suffix, email, phone, jobTitle, company, owner: name them so, in one of ' +
          '15 languages, or send a mapping',
        'CSV_COLUMNS_UNKNOWN',
      ),
    );
  });

  test.each([
    ['Vorname;Nachname;Firma;E-Mail-Adresse\nAnna;Ek;Firma A;a@x.example\n', 'de'],
    ['Prénom;Nom;Société;Courriel\nAnna;Ek;Firma A;a@x.example\n', 'fr'],
    ['Nombre;Apellidos;Empresa;Correo electrónico\nAnna;Ek;Firma A;a@x.example\n', 'es'],
    ['Nome;Cognome;Azienda;E-mail\nAnna;Ek;Firma A;a@x.example\n', 'it'],
    ['Voornaam;Achternaam;Bedrijf;E-mailadres\nAnna;Ek;Firma A;a@x.example\n', 'nl'],
    ['Nome;Sobrenome;Empresa;Correio eletrónico\nAnna;Ek;Firma A;a@x.example\n', 'pt'],
    ['Imię;Nazwisko;Nazwa firmy;Adres e-mail\nAnna;Ek;Firma A;a@x.example\n', 'pl'],
    ['Förnamn;Efternamn;Företag;E-post\nAnna;Ek;Firma A;a@x.example\n', 'sv'],
    ['Fornavn;Efternavn;Virksomhed;E-mailadresse\nAnna;Ek;Firma A;a@x.example\n', 'da'],
    ['Fornavn;Etternavn;Selskap;E-postadresse\nAnna;Ek;Firma A;a@x.example\n', 'nb'],
    ['Jméno;Příjmení;Společnost;E-mailová adresa\nAnna;Ek;Firma A;a@x.example\n', 'cs'],
    ['Ad;Soyad;Şirket;E-posta\nAnna;Ek;Firma A;a@x.example\n', 'tr'],
    ['İSİM;SOYADI;ŞİRKET;E-POSTA\nAnna;Ek;Firma A;a@x.example\n', 'tr'],
    ['First name;Surname;Company;Email\nAnna;Ek;Firma A;a@x.example\n', 'en'],
  ])('may write the columns in a language: %j', (text, language) => {
    expect(planOf(text, contacts)).toMatchObject({ language, questions: [] });
    expect(contactsIn(text, contacts)).toMatchObject([{ name: 'Anna Ek', company: 'Firma A', email: 'a@x.example' }]);
  });

  test.each([
    ['姓,名,会社名,メールアドレス\n山田,太郎,山田商事,y@x.example\n', 'ja', '山田 太郎'],
    ['姓,名,公司,电子邮件\n王,小明,山田商事,y@x.example\n', 'zh', '王小明'],
  ])('may write the columns in an Asian language: %j', (text, language, name) => {
    expect(planOf(text, contacts)).toMatchObject({ language });
    expect(contactsIn(text, contacts)).toMatchObject([{ name, company: '山田商事', email: 'y@x.example' }]);
  });
});

describe('R6: a character that an earlier program has lost', () => {
  test('costs its row and no other', () => {
    const { rows } = readAll('Name,Email\nJos\uFFFD,j@x.example\nAda,ada@x.example\n', contacts);
    expect(rows).toEqual([
      { row: 2, values: null, problems: [{ field: 'row', message: 'was damaged by a change of encoding, in “Name”' }] },
      { row: 3, values: { name: 'Ada', email: 'ada@x.example' }, problems: [] },
    ]);
  });

  test('in a column that fills no field costs nothing', () => {
    expect(valuesOf('Name,Notes\nAda,caf\uFFFD\n')).toEqual([{ name: 'Ada' }]);
  });

  test('is refused for the whole file if its bytes are of another encoding', () => {
    const latin1 = Uint8Array.from('Name\nJosé\n', (character) => character.charCodeAt(0));
    expect(() => planOf(latin1, contacts)).toThrow(
      new CsvError(
        'The file is not UTF-8: save it as “CSV UTF-8”, or name its charset, as in “text/csv; charset=windows-1252”',
      ),
    );
  });
});

describe('R10: telephone numbers', () => {
  test('are in the first filled column', () => {
    const text = 'Name,Email,Phone,Mobile Phone\nMob Only,mob@dup.example,,+1 555 010 3000\n';
    expect(contactsIn(text, contacts)).toMatchObject([{ phone: '+1 555 010 3000' }]);
  });

  test.each([
    ...['Business Phone', 'Home Phone', 'Cell', 'Cell Phone', 'Phone (Work)', 'Phone - Work', 'Phone No.'],
    ...['Direct Phone', 'Main Phone', 'Tel.', 'Telefon geschäftlich', 'Téléphone (bureau)', '携帯電話', 'Phone_Number'],
  ])('are in the column %s', (column) => {
    expect(contactsIn(`Name,${column}\nAda,+1 555 010 3000\n`, contacts)).toMatchObject([{ phone: '+1 555 010 3000' }]);
  });

  test.each(['Business Fax', 'Pager', 'Phone Type', 'Phone 1 - Label', "Assistant's Phone", 'Do Not Call'])(
    'are not in the column %s',
    (column) => {
      expect(contactsIn(`Name,Email,${column}\nAda,a@x.example,+1 555 010 3000\n`, contacts)).toMatchObject([
        { phone: null },
      ]);
    },
  );

  test('in a column with an unknown name are used, and the plan asks', () => {
    const { plan, rows } = readAll('Name,Klingeln bei\nAda,+49 30 000123\n', contacts);
    expect(rows[0]?.values).toMatchObject({ phone: '+49 30 000123' });
    expect(plan.questions).toMatchObject([{ column: 'Klingeln bei', code: 'PHONES_FOUND' }]);
  });
});

describe('R11: companies, job titles and middle names', () => {
  test.each([
    ['Associated Company', 'company'],
    ['Associated Company (Primary)', 'company'],
    ['Person - Organization', 'company'],
    ['Organization Name', 'company'],
    ['Firm', 'company'],
    ['Organization Title', 'jobTitle'],
    ['Organization 1 - Title', 'jobTitle'],
    ['Role', 'jobTitle'],
    ['Designation', 'jobTitle'],
    ['Occupation', 'jobTitle'],
    ['Associated Company IDs', null],
    ['Account Owner', 'owner'],
  ])('the column %s is %s', (column, field) => {
    expect(fieldsOf(planOf(header('Full Name', 'Email', column), contacts))[column]).toBe(field);
  });

  test.each(['Event Name', 'Street Name', 'ticket_name', 'Page Title', 'Parent Account', 'Annual Revenue'])(
    'the column %s fills no field',
    (column) => {
      expect(fieldsOf(planOf(header('Full Name', 'Email', column), contacts))[column]).toBeNull();
    },
  );

  test('a middle name is part of the name', () => {
    expect(contactsIn('First Name,Middle Name,Last Name\nMary,Jane,Watson\n', contacts)).toMatchObject([
      { name: 'Mary Jane Watson' },
    ]);
  });
});

describe('R12: the line sep=', () => {
  test.each(['sep=;\n', 'SEP=;\r\n', '"sep=;"\n', '\uFEFFsep=;\n'])('%j names the separator', (line) => {
    const text = `${line}Name;Email\nSep, A.;sep@x.example\n`;
    expect(planOf(text, contacts)).toMatchObject({ separator: ';', headerRow: 2 });
    expect(contactsIn(text, contacts)).toMatchObject([{ name: 'Sep, A.', email: 'sep@x.example' }]);
  });
});

describe('R13: lines before the header', () => {
  test.each([
    ['\n\nName,Email\nAda,ada@x.example\n', 3],
    ['Contacts exported 2026-11-01,,\n,,\nName,Email,Phone\nAda,ada@x.example,\n', 3],
    ['Notes:\n"A sentence, with a comma"\n\nName,Email\nAda,ada@x.example\n', 4],
  ])('%j are left out', (text, headerRow) => {
    expect(planOf(text, contacts).headerRow).toBe(headerRow);
    expect(contactsIn(text, contacts)).toMatchObject([{ name: 'Ada', email: 'ada@x.example' }]);
  });

  test('and a header that comes again are left out', () => {
    expect(contactsIn('Name,Email\nAda,a@x.example\nName,Email\nEva,e@x.example\n', contacts)).toHaveLength(2);
  });
});

test('an empty file, a file of no text and a file without a header are refused', () => {
  expect(() => planOf(' \n', contacts)).toThrow(new CsvError('The file is empty'));
  expect(() => planOf('Name\0\n', contacts)).toThrow(new CsvError('The file is no text'));
  expect(() => planOf('Ada,ada@x.example\n', contacts)).toThrow(new CsvError('The first row must name the columns'));
  expect(() => planOf(bytesOf(`${'a,'.repeat(201)}Name\n`), contacts)).toThrow(
    new CsvError('The file has more than 200 columns'),
  );
});
