/** The English of the project: at most one puzzling phrase per 1,000 words, in each folder by itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findingsIn, proseOf, wordsIn } from '../plain-words/count.ts';

const ROOT = join(import.meta.dirname, '../..');
const MOST_PER_1000 = 1;
/** Folders with fewer words count only in the folder around them. */
const LEAST_WORDS = 500;
/** `.` has the documents at the root. */
const FOLDERS = [
  '.',
  'src',
  'functions',
  'cli',
  'deploy',
  'dev',
  'docs',
  'package',
  'prisma',
  'clients',
  'bench',
  'test',
];
/** Words that a folder needs in their usual sense: bills have payers and debts. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'src/care': ['owe', 'owes', 'owed', 'debt', 'debts', 'payer', 'payers', 'is paid', 'are paid'],
};
/** Not prose: made by a tool, or samples of puzzling phrases. */
const LEFT_OUT =
  /(?:^|\/)node_modules\/|^src\/generated\/|^clients\/typescript\/src\/from-openapi\/|^test\/unit\/plain-words\.test\.ts$/;

interface Count {
  words: number;
  found: string[];
}

/** The words and the puzzling phrases of each folder, with those of the folders in it. */
function countFolders(): Map<string, Count> {
  const counts = new Map<string, Count>(FOLDERS.map((folder) => [folder, { words: 0, found: [] }]));
  for (const file of FOLDERS.flatMap(filesIn)) {
    const prose = proseOf(file, readFileSync(join(ROOT, file), 'utf8'));
    const allowed = Object.keys(ALLOWED).find((folder) => file.startsWith(`${folder}/`)) ?? '';
    const found = findingsIn(prose, ALLOWED[allowed]).map(
      ({ line, name, around }) => `${file}:${line}: ${name}: ${around}`,
    );
    for (const folder of foldersAround(file)) {
      const count = counts.get(folder) ?? { words: 0, found: [] };
      counts.set(folder, { words: count.words + wordsIn(prose), found: [...count.found, ...found] });
    }
  }
  return counts;
}

function foldersAround(file: string): string[] {
  const folder = dirname(file);
  return folder.includes('/') ? [folder, ...foldersAround(folder)] : [folder];
}

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: folder !== '.', encoding: 'utf8' })
    .map((file) => (folder === '.' ? file : `${folder}/${file.replaceAll('\\', '/')}`))
    .filter((file) => /\.(?:tsx?|md)$/.test(file) && !LEFT_OUT.test(file));
}

const folders = [...countFolders()]
  .filter(([folder, { words }]) => FOLDERS.includes(folder) || words > LEAST_WORDS)
  .sort(([one], [other]) => (one < other ? -1 : 1));

test('every folder has prose, and the large ones are counted by themselves', () => {
  expect(folders.filter(([, { words }]) => words < 100).map(([folder]) => folder)).toEqual([]);
  expect(folders.map(([folder]) => folder)).toEqual(
    expect.arrayContaining([...FOLDERS, 'src/platform/jobs', 'test/platform/dev/qstash', 'test/unit']),
  );
});

test.each(folders)('%s is in plain words', (_, { words, found }) => {
  expect((found.length / words) * 1_000, found.join('\n')).toBeLessThanOrEqual(MOST_PER_1000);
});

test('no sentence opens with What or Who', () => {
  const found = [...countFolders()].flatMap(([folder, count]) => (FOLDERS.includes(folder) ? count.found : []));
  expect(found.filter((each) => each.includes('a sentence that opens with What or Who'))).toEqual([]);
});

describe('the counter', () => {
  const count = (file: string, text: string) =>
    findingsIn(proseOf(file, text))
      .map(({ line, name }) => [line, name])
      .sort();

  test('reads comments, titles of tests, API texts and messages of errors, and no other code', () => {
    const code = [
      '/** Nobody reads this. */',
      "const nobody = 'somebody';",
      '// What is owed.',
      "test('whoever asks is told', () => {});",
      "const route = { summary: 'Tell somebody' };",
      "throw new OwnError('CODE', `It stands there`);",
      "test.each(cases)('nobody gets %s', async (_, verdict) => {});",
      '/** Who reads. */',
    ].join('\n');
    expect(count('one.ts', code)).toEqual([
      [1, 'nobody, anybody, somebody'],
      [3, 'a sentence that opens with What or Who'],
      [3, 'debts for the outbox'],
      [4, 'old idioms'],
      [4, 'whoever, whatever, whichever'],
      [5, 'nobody, anybody, somebody'],
      [7, 'nobody, anybody, somebody'],
      [8, 'a sentence that opens with What or Who'],
    ]);
  });

  test('allows single words', () => {
    const prose = proseOf('one.md', 'The payer has a debt. The commit owes a job.');
    expect(findingsIn(prose, ['payer', 'debt']).map(({ around }) => around)).toEqual([expect.stringContaining('owes')]);
  });

  test('leaves questions and the code of documents alone', () => {
    expect(count('one.md', 'What is a tag?\n\n```ts\n// nobody\n```\n')).toEqual([]);
  });
});
