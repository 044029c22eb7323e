/** Things that only one file or two of `src` may do, so that no second version of them can differ. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '../../src');
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('generated'))
  .map((file) => ({ file, code: withoutComments(readFileSync(join(SRC, file), 'utf8')) }));

test.each([
  ['reads the stack of an error', /\bstack = ''|\.stack\b(?! =)/, ['platform/error-report.ts']],
  ['writes a value of Retry-After', /'retry-after': (?!string)/, ['platform/duration.ts']],
  ['makes the problem of invalid fields', /\(\s*400,\s*'VALIDATION_FAILED'/, ['platform/http/invalid.ts']],
  ['makes a described route', /\bcreateRoute\(/, ['platform/rest/command.ts', 'platform/rest/view.ts']],
])('no other file %s', (_what, pattern, files) => {
  const found = sources.filter(({ code }) => pattern.test(code)).map(({ file }) => file);
  expect(found.toSorted()).toEqual(files);
});

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
}
