/** docs/security.md cites the tests of every requirement: the cited tests exist. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const document = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

interface Reference {
  file: string;
  /** The title as it is written in the file: for a table of cases with its placeholders, or the name of one case. */
  name: string;
}

function referencesIn(text: string): Reference[] {
  return [...text.matchAll(/`(test\/[\w/.-]+\.test\.ts)` “([^”]+)”/g)].map(([, file = '', name = '']) => ({
    file,
    name,
  }));
}

/** Whether a file of tests has a text literal that is this name. */
function names(source: string, name: string): boolean {
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`));
}

const rows = document.split('\n').filter((line) => /^\| \d/.test(line));

test('there are many citations, and each has the form that is checked here', () => {
  expect(referencesIn(document).length).toBeGreaterThan(60);
  // A file mentioned without one of its tests, or in other quotes, would not be checked.
  const mentioned = [...document.matchAll(/test\/[\w/.-]+\.test\.ts/g)].filter(
    ([file]) => !file.includes('security-doc'),
  );
  expect(referencesIn(document).length).toBe(mentioned.length);
});

test('a requirement that is met cites a test, or says why it has none', () => {
  expect(rows.length).toBeGreaterThan(60);
  for (const row of rows) {
    const [, id = '', , how = '', shown = ''] = row.split('|').map((cell) => cell.trim());
    expect(how, id).toMatch(/^(met|partly|not met|n\/a)/);
    const exempt = /^(not met|n\/a)|there are none/.test(how);
    if (!exempt) expect(referencesIn(shown).length, `${id} is ${how}`).toBeGreaterThan(0);
  }
});

describe.each([...new Set(referencesIn(document).map(({ file }) => file))].sort())('%s', (file) => {
  test('has the tests that are cited', () => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    const source = readFileSync(join(ROOT, file), 'utf8');
    for (const { name } of referencesIn(document).filter((each) => each.file === file)) {
      expect(names(source, name), name).toBe(true);
    }
  });
});

test('a title that no test has is noticed', () => {
  expect(names("test('something', () => {", 'something')).toBe(true);
  expect(names("test('something else', () => {", 'something')).toBe(false);
});
