import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyMigrations } from '../../../prisma/apply.ts';
import { readMigrations } from '../../../prisma/migration-files.ts';
import { fold, normalAddress, normalDomain, normalLine, normalNote } from '../../../src/platform/text/index.ts';
import { openTestDatabase, send, type TestDatabase } from './database.ts';

let database: TestDatabase;
afterAll(() => database.close());

const ask = <Row extends object>(sql: string) => send<Row & Record<string, unknown>>(database.connectionString, sql);
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

const lines = [
  ...['Zoe\u0301 Nfd', ' Mary\u00a0\u3000Jane  Watson ', '\u200fדוד\u200e', 'Ada\u2060', '\ufeffBom', "O'Brien"],
  ...['👩\u200d👩\u200d👧', 'می\u200cخواهم', '\u212bngström', 'Lone\u2028Line', '\u200b'],
];
const domains = ['xn--bcher-kva.example', 'mail.xn--fsqu00a.xn--55qx5d', 'acme.example', 'xn--zz.example'];
const others = [
  'xn--fa-hia.de',
  'xn--mgbh0fb.xn--kgbechtv',
  'xn--e1afmkfd.xn--p1ai',
  'xn--strae-oqa.example',
  'xn--ls8h.example',
];
const note = ' One\r\ntwo\rthree\te\u0301\n\n';

beforeAll(async () => {
  database = await openTestDatabase();
  const migrations = readMigrations();
  const own = migrations.findIndex(({ name }) => name.endsWith('_normal_forms'));
  await applyMigrations(database.connectionString, migrations.slice(0, own));
  const contacts = lines.map((line, n) => `('t', 'contact_${n}', ${quoted(line)}, NULL, now())`);
  const addresses = [...domains, ...others].map((domain, n) => `('t', 'mail_${n}', 'A', 'info@${domain}', now())`);
  await ask(`INSERT INTO tenants (id, name, currency, updated_at) VALUES ('t', 'T', 'EUR', now());
    INSERT INTO contacts (tenant_id, id, name, email, updated_at) VALUES ${[...contacts, ...addresses].join(',')};
    INSERT INTO companies (tenant_id, id, name, domain, updated_at)
      VALUES ${[...domains, ...others].map((domain, n) => `('t', 'company_${n}', 'C', '${domain}', now())`).join(',')};
    INSERT INTO users (tenant_id, id, email, name, role, updated_at)
      VALUES ('t', 'user_1', 'info@xn--bcher-kva.example', 'A', 'owner', now());
    INSERT INTO projects (tenant_id, id, name, description, updated_at)
      VALUES ('t', 'project_1', 'P', ${quoted(note)}, now())`);
  await applyMigrations(database.connectionString);
});

describe('the migration to normal forms', () => {
  it('gives stored lines the form of new ones, and keeps a line that has no visible character', async () => {
    const rows = await ask<{ name: string }>(
      `SELECT name FROM contacts WHERE id LIKE 'contact%' ORDER BY split_part(id, '_', 2)::int`,
    );
    expect(rows.map(({ name }) => name)).toEqual(lines.map((line) => normalLine(line) || line));
  });

  it('gives stored texts of several lines the form of new ones', async () => {
    const [row] = await ask<{ description: string }>('SELECT description FROM projects');
    expect(row?.description).toBe(normalNote(note));
  });

  it('writes addresses and domains as people write them', async () => {
    const all = [...domains, ...others];
    const mails = await ask<{ email: string }>(`SELECT email FROM contacts WHERE id LIKE 'mail%' ORDER BY id`);
    expect(mails.map(({ email }) => email)).toEqual(all.map((domain) => normalAddress(`info@${domain}`)));
    const companies = await ask<{ domain: string }>('SELECT domain FROM companies ORDER BY id');
    expect(companies.map(({ domain }) => domain)).toEqual(all.map(normalDomain));
    expect(await ask('SELECT email FROM users')).toEqual([{ email: 'info@bücher.example' }]);
  });

  it('makes the search column of names that were stored before', async () => {
    const [row] = await ask<{ found: string }>(`SELECT search_name AS found FROM contacts WHERE id = 'contact_0'`);
    expect(row?.found).toBe('zoé nfd');
  });
});

describe('the database function `fold`', () => {
  it('has the result of our function for each code point, but for capitals that the database does not know', async () => {
    const rows = await ask<{ point: number; folded: string; isUnknown: boolean }>(
      `SELECT point, fold(chr(point)) AS folded, lower(chr(point)) = chr(point) AS "isUnknown"
       FROM generate_series(33, 1114111) AS point
       WHERE point NOT BETWEEN 55296 AND 57343 AND (point < 131072 OR point BETWEEN 194560 AND 195103)
         AND fold(chr(point)) <> chr(point) OR point BETWEEN 33 AND 12288`,
    );
    const wrong = rows.filter(({ point, folded, isUnknown }) => {
      const text = String.fromCodePoint(point);
      // A database may have an older table of capitals than the runtime. Then only its own table counts.
      const isNewer = isUnknown && text.toLowerCase() !== text;
      return normalLine(text) === text && folded !== fold(text) && !isNewer;
    });
    expect(wrong).toEqual([]);
    expect(rows.length).toBeGreaterThan(10_000);
  });

  it.each(['ΟΔΥΣΣΕΥΣ', 'ﬁnance', 'Ｔｏｋｙｏ', 'İstanbul', 'Straße', 'ＡＢＣ ㈱', 'x'])(
    'has the result of our function for %s',
    async (text) => {
      const [row] = await ask<{ folded: string }>(`SELECT fold(${quoted(text)}) AS folded`);
      expect(row?.folded).toBe(fold(text));
    },
  );
});
