/** docs/redis-faults.md cites a test in every row: the cited tests exist, and every file of tests is cited. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const FAULTS = 'test/platform/redis-faults';
const document = readFileSync(join(ROOT, 'docs/redis-faults.md'), 'utf8');
const references = [...document.matchAll(/`(test\/[\w/.-]+\.test\.ts)` “([^”]+)”/g)].map(
  ([, file = '', name = '']) => ({
    file,
    name,
  }),
);
const rows = document.split('\n').filter((line) => /^\| (?!room |source )[^-]/.test(line));

/** Whether a file of tests has a text literal that is this name. */
function names(source: string, name: string): boolean {
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`));
}

test('every row cites a test in the form that is checked here', () => {
  expect(rows.length).toBeGreaterThan(50);
  for (const row of rows) expect(row).toMatch(/`test\/[\w/.-]+\.test\.ts` “[^”]+”/);
  expect(references).toHaveLength([...document.matchAll(/test\/[\w/.-]+\.test\.ts/g)].length);
});

test.each([
  'sessions',
  'revocation',
  'epochs',
  'client tokens',
  'one-time codes',
  'limits',
  'locks',
  'jobs',
  'schedules',
])('the room %s has a row under refused writes and one under forgotten data', (room) => {
  const [refused = '', forgotten = ''] = document.split('## Forgotten');
  for (const part of [refused, forgotten]) expect(part).toMatch(new RegExp(`^\\|[^|]*${room}[^|]*\\|`, 'm'));
});

describe.each([...new Set(references.map(({ file }) => file))].sort())('%s', (file) => {
  test('has the tests that are cited', () => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    const source = readFileSync(join(ROOT, file), 'utf8');
    for (const { name } of references.filter((each) => each.file === file))
      expect(names(source, name), name).toBe(true);
  });
});

test.each(readdirSync(join(ROOT, FAULTS)).filter((file) => file.endsWith('.test.ts')))('%s is cited', (file) => {
  expect(references.map((each) => each.file)).toContain(`${FAULTS}/${file}`);
});
