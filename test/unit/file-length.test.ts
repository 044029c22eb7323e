/** Files stay short: a file holds one idea, and a longer file is split by ideas. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS = ['src', 'functions', 'prisma', 'dev', 'cli', 'deploy', 'clients', 'bench', 'package'];
const LONGEST = 250;

/** Generated code, and tables of data. */
const EXEMPT = [
  /^src\/generated\/|^clients\/typescript\/src\/from-openapi\//,
  /\/node_modules\//,
  /^src\/crm\/imports\/read\/headers\/systems\.ts$/,
];

/** The lines of every file with code, by path. */
function linesOfFiles(): Map<string, number> {
  const lines = new Map<string, number>();
  for (const folder of FOLDERS) {
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      const path = `${folder}/${entry.replaceAll('\\', '/')}`;
      if (!/\.(?:[jt]sx?|mjs|lua)$/.test(path) || EXEMPT.some((pattern) => pattern.test(path))) continue;
      lines.set(path, readFileSync(join(ROOT, path), 'utf8').trimEnd().split('\n').length);
    }
  }
  return lines;
}

test(`no file with code has more than ${LONGEST} lines, except generated files and named data`, () => {
  const lines = linesOfFiles();
  expect(lines.size).toBeGreaterThan(800);
  expect([...lines].filter(([, count]) => count > LONGEST)).toEqual([]);
});
