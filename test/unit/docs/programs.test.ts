/** The examples of the documents are programs that the compiler accepts. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { marked, type Tokens, walkTokens } from 'marked';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPages } from '../../../dev/site/pages.ts';
import { DECLARED, preludeOf } from './readers.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const blocks = readPages(ROOT).flatMap(({ source, markdown }) => {
  const found: { source: string; text: string; mark: string; reason: string }[] = [];
  walkTokens(marked.lexer(markdown), (token) => {
    if (token.type !== 'code') return;
    const { lang = '', text } = token as Tokens.Code;
    const [language, mark = '', ...reason] = lang.split(' ');
    if (language === 'ts') found.push({ source, text, mark, reason: reason.join(' ') });
  });
  return found;
});

/** Fills in what an example leaves out. */
function filled(text: string): string {
  return text
    .replace(/\{ … \}/g, 'unseen')
    .replace(/, … \}/g, ', ...unseen }')
    .replace(/^(\s*)…$/gm, '$1...unseen,')
    .replace(/…/g, 'unseen');
}

let program: string;
beforeAll(() => {
  program = mkdtempSync(join(tmpdir(), 'holdfast-programs-'));
  symlinkSync(join(ROOT, 'node_modules'), join(program, 'node_modules'));
});
afterAll(() => rmSync(program, { recursive: true }));

/** Returns the errors of the compiler in these modules. */
function errorsIn(modules: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(program, name), text);
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const paths = Object.entries(exports as Record<string, { development: string }>).map(([name, { development }]) => [
    name.replace(/^\./, 'holdfast'),
    [join(ROOT, development)],
  ]);
  const compilerOptions = {
    ...{ incremental: false, noUnusedLocals: false, noUnusedParameters: false },
    paths: { ...Object.fromEntries(paths), '@/*': [join(ROOT, '*')] },
    typeRoots: [join(ROOT, 'node_modules/@types')],
  };
  const config = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: [], files: Object.keys(modules) };
  writeFileSync(join(program, 'tsconfig.json'), JSON.stringify(config));
  return spawnSync(process.execPath, [TSC, '-p', program, '--singleThreaded'], { cwd: program, encoding: 'utf8' })
    .stdout;
}

/** Returns the examples of one document as modules, each of which imports what it uses of those above. */
function modulesOf(source: string): [name: string, text: string][] {
  const above = new Map<string, string>();
  return blocks
    .filter((block) => block.source === source && block.mark === '')
    .map(({ text }, at) => {
      const example = filled(text);
      const module = `${source.replace(/\W/g, '-')}-${at + 1}.ts`;
      const prelude = preludeOf(source, example, above);
      for (const [line, name = ''] of example.matchAll(DECLARED)) {
        const type = /\b(?:interface|type) \w+$/.test(line) ? 'type ' : '';
        above.set(name, `import { ${type}${name} } from './${module}';`);
      }
      return [module, `${prelude}\n${example.replace(/^(?=(?:const \w|interface))/gm, 'export ')}\nexport {};\n`];
    });
}

const sources = [...new Set(blocks.map(({ source }) => source))].filter((source) => !source.startsWith('clients/'));

const LIMIT = { timeout: 120_000 };

test('the compiler accepts each example of the server, in the application, and refuses a wrong one', LIMIT, () => {
  const modules = sources.filter((source) => source !== 'docs/package.md').flatMap(modulesOf);
  expect(modules.length).toBeGreaterThanOrEqual(30);
  const wrong = "import { query } from 'holdfast/cache';\nexport const lasting = query('lasting', { tll: '1h' });\n";
  const files = { ...Object.fromEntries(modules), 'types.ts': `import '@/src/app/job-types.ts';`, 'wrong.ts': wrong };
  const errors = errorsIn(files).split('\n');
  expect(errors.filter((line) => /^\S/.test(line) && !line.startsWith('wrong.ts'))).toEqual([]);
  expect(errors[0]).toMatch(/^wrong\.ts\(2,\d+\): error TS\d+: .*tll/s);
});

test('the compiler accepts each example of the package, in an application with types of its own', LIMIT, () => {
  const modules = modulesOf('docs/package.md');
  expect(modules.length).toBeGreaterThanOrEqual(4);
  expect(errorsIn(Object.fromEntries(modules))).toBe('');
});

test('at most 2 examples are not compiled, and each gives a reason', () => {
  const marked = blocks.filter(({ mark }) => mark !== '');
  expect(marked.length).toBeLessThanOrEqual(2);
  for (const { mark, reason } of marked) expect([mark, reason.split(' ').length >= 3]).toEqual(['fragment', true]);
});
