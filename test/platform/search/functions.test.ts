/** The database functions of the search do what their counterparts in TypeScript do, and the migrations create them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMigrations } from '../../../prisma/migration-files.ts';
import { searchKinds } from '../../../src/crm/search/kinds.ts';
import {
  foldForSearch,
  formsOf,
  functionsSql,
  readSearch,
  triggersSql,
  wordsOf,
} from '../../../src/platform/search/index.ts';
import { openMigratedDatabase, send, type TestDatabase } from '../db/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openMigratedDatabase();
});
afterAll(() => database.close());

const ask = <Row extends object>(sql: string) => send<Row & Record<string, unknown>>(database.connectionString, sql);
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

const texts = [
  ...[
    'Zoë Montgomery',
    "O'Brien-Straße & Søn",
    'ΟΔΥΣΣΕΥΣ Ăn',
    'ﬁnance ＡＢＣ ㈱ ½',
    'İstanbul ĞÜŞ Đắc',
    'Éric\u0301 d’Œuvre',
  ],
  ...[
    '株式会社東京 iPhone用',
    '안녕하세요 세계',
    'สวัสดี',
    'Привет, ЁЖИК й',
    'مَرْحَبًا بالعالم',
    'שָׁלוֹם',
    '🪝 emoji 👩‍👧',
    '+49 (151) 23-45',
  ],
  ...['a_b|c&d:*\\e', 'x'.repeat(60), '京'.repeat(50), '', '  ', 'ẞ ǅ ĳ'],
];

describe('the database function', () => {
  test('`search_fold` folds each letter of the common scripts as the search does', async () => {
    const rows = await ask<{ point: number; folded: string; isUnknown: boolean; isWhole: boolean }>(
      `SELECT point, search_fold(chr(point)) AS folded, lower(chr(point)) = chr(point) AS "isUnknown",
         normalize(chr(point), NFKD) = chr(point) AS "isWhole"
       FROM generate_series(33, 131071) AS point WHERE point NOT BETWEEN 55296 AND 57343`,
    );
    const wrong = rows.filter(({ point, folded, isUnknown, isWhole }) => {
      const text = String.fromCodePoint(point);
      // A database may know fewer capitals and fewer composed characters than the runtime: an earlier version of Unicode.
      const parts = text.normalize('NFKD');
      const isNewer = (isUnknown && parts.toLowerCase() !== parts) || (isWhole && parts !== text);
      return folded !== foldForSearch(text) && (point < 0x530 || !isNewer);
    });
    expect(wrong).toEqual([]);
  });

  test.each(texts)('`search_tokens` divides %j as the search does', async (text) => {
    const [row] = await ask<{ tokens: string[] }>(`SELECT search_tokens(${quoted(text)}) AS tokens`);
    const words = wordsOf(text).map((word) => [...word].slice(0, 40).join(''));
    // The pairs of a run begin with the characters of the run.
    const whole = (row?.tokens ?? []).map((token) => (isRun(token) ? [...token][0] : token)).join('');
    expect(whole).toBe(words.join(''));
  });

  test.each(['seilerei', 'anna', 'zoë', 'ääb'])('`search_near` has the forms of %s', async (word) => {
    const [row] = await ask<{ near: string[] }>(`SELECT search_near('acme', ${quoted(word)}) AS near`);
    expect(row?.near.toSorted()).toEqual(
      formsOf(word)
        .map((form) => `acme\u001F${form}`)
        .toSorted(),
    );
  });
});

function isRun(token: string): boolean {
  return readSearch(token).some(({ as }) => as === 'run');
}

describe('the migrations', () => {
  test('create the functions and the triggers as they are declared', () => {
    const sql = readMigrations()
      .map((migration) => migration.sql)
      .join('\n');
    for (const declared of [...functionsSql().split('\n\n'), ...searchKinds.map(triggersSql)]) {
      expect(sql).toContain(declared);
      // The newest of several definitions counts.
      const [first = ''] = /FUNCTION \w+/.exec(declared) ?? [];
      expect(sql.lastIndexOf(`CREATE OR REPLACE ${first}(`)).toBeLessThan(sql.lastIndexOf(declared) + declared.length);
    }
  });
});
