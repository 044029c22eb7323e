/** The examples of the client's documents are programs that the compiler accepts, with React and TanStack Query. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { marked, type Tokens, walkTokens } from 'marked';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const CLIENT = join(ROOT, 'clients/typescript');
const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
/** React and TanStack Query are packages of the client's folder, which `npm run client:generate` installs; CI must. */
const PACKAGES = ['@tanstack', '@types', 'react', 'csstype'];
const isInstalled = existsSync(join(CLIENT, 'node_modules/@tanstack/react-query')) || process.env['CI'] === 'true';

/** The names in the client's page that are of the reader's program. */
const READERS = `
import { createHoldfast, HoldfastError, type Tokens } from 'holdfast-client';
declare const api: ReturnType<typeof createHoldfast>;
declare const [baseUrl, email, password, id]: [string, string, string, string];
declare const file: Blob;
declare const signal: AbortSignal;
declare function load(): Tokens | undefined;
declare function save(tokens: Tokens): void;
declare function showSignIn(): void;
declare function merge(current: unknown): void;
declare function readAllOf(topic: string): Promise<void>;
declare function readAgain(id: unknown): Promise<void>;
declare function onProgress(progress: unknown): void;
`;

/** Returns the blocks of a document in a language. */
function blocksIn(document: string, language: string): string[] {
  const blocks: string[] = [];
  walkTokens(marked.lexer(readFileSync(join(ROOT, document), 'utf8')), (token) => {
    if (token.type === 'code' && (token as Tokens.Code).lang === language) blocks.push((token as Tokens.Code).text);
  });
  return blocks;
}

/** A program whose `node_modules` has the client, React and TanStack Query. */
let program: string;
beforeAll(() => {
  program = mkdtempSync(join(tmpdir(), 'holdfast-examples-'));
  mkdirSync(join(program, 'node_modules'));
  for (const name of PACKAGES) symlinkSync(join(CLIENT, 'node_modules', name), join(program, 'node_modules', name));
});
afterAll(() => rmSync(program, { recursive: true }));

/** Returns the errors of the compiler. */
function errorsIn(files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(program, name), text);
  const { compilerOptions } = JSON.parse(readFileSync(join(CLIENT, 'example/tsconfig.json'), 'utf8'));
  const paths = { 'holdfast-client': [join(CLIENT, 'src/index.ts')] };
  const config = { compilerOptions: { ...compilerOptions, paths, jsx: 'react-jsx' }, files: Object.keys(files) };
  writeFileSync(join(program, 'tsconfig.json'), JSON.stringify(config));
  return spawnSync(process.execPath, [TSC, '-p', program], { cwd: program, encoding: 'utf8' }).stdout;
}

describe.skipIf(!isInstalled)('the compiler accepts', () => {
  const page = () => blocksIn('docs/guides/react.md', 'tsx');

  test('the examples of React, in their order as one module', () => {
    expect(page().length).toBeGreaterThanOrEqual(8);
    expect(errorsIn({ 'page.tsx': page().join('\n') })).toBe('');
  });

  test('no wrong field of an answer, no missing part of a query, and no call without a required value', () => {
    const text = page().join('\n');
    const wrong = {
      'field.tsx': text.replace('nextCursor }) => nextCursor', 'next }) => next'),
      'part.tsx': text.replace('initialPageParam: undefined as string | undefined,', ''),
      'required.ts': `${READERS}export const found = api.search.list({ q: undefined });`,
    };
    const errors = errorsIn(wrong);
    for (const file of Object.keys(wrong)) expect(errors).toMatch(new RegExp(`^${file}\\(\\d+,\\d+\\): error TS`, 'm'));
  });

  test('each example of the client’s page', () => {
    const blocks = blocksIn('clients/typescript/README.md', 'ts');
    expect(blocks.length).toBeGreaterThanOrEqual(5);
    const modules = blocks.map((text, at) => [
      `block-${at}.ts`,
      `${READERS}export async function block() {\n${text}\n}`,
    ]);
    expect(errorsIn(Object.fromEntries(modules))).toBe('');
  });
});
