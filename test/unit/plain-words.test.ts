/** The English of the project: at most one puzzling phrase per 1,000 words, in each folder by itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findingsIn, proseOf, wordsIn } from '../plain-words/count.ts';

const ROOT = join(import.meta.dirname, '../..');
const MOST_PER_1000 = 1;
/** `test` is not plain yet. */
const FOLDERS = [
  'src/platform',
  'src/identity',
  'src/crm',
  'src/app',
  'functions',
  'cli',
  'dev',
  'docs',
  'prisma',
  'bench',
];

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:ts|md)$/.test(file))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`);
}

test.each(FOLDERS)('%s is in plain words', (folder) => {
  const files = filesIn(folder).map((file) => ({ file, prose: proseOf(file, readFileSync(join(ROOT, file), 'utf8')) }));
  const words = files.reduce((sum, { prose }) => sum + wordsIn(prose), 0);
  const found = files.flatMap(({ file, prose }) =>
    findingsIn(prose).map(({ line, name, around }) => `${file}:${line}: ${name}: ${around}`),
  );
  expect(words).toBeGreaterThan(100);
  expect((found.length / words) * 1_000, found.join('\n')).toBeLessThanOrEqual(MOST_PER_1000);
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
    ].join('\n');
    expect(count('one.ts', code)).toEqual([
      [1, 'nobody, anybody, somebody'],
      [3, 'a sentence that opens with What or Who'],
      [3, 'debts for the outbox'],
      [4, 'old idioms'],
      [4, 'whoever, whatever, whichever'],
      [5, 'nobody, anybody, somebody'],
    ]);
  });

  test('leaves questions and the code of documents alone', () => {
    expect(count('one.md', 'What is a tag?\n\n```ts\n// nobody\n```\n')).toEqual([]);
  });
});
