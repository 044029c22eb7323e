/** The package of the client, as a program that installed it gets it. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const CLIENT = join(ROOT, 'clients/typescript');
const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const run = (args: string[], cwd: string) => spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });

/** A program whose `node_modules` has the package. */
let program: string;
beforeAll(() => {
  program = mkdtempSync(join(tmpdir(), 'holdfast-program-'));
  const installed = join(program, 'node_modules/holdfast-client');
  mkdirSync(installed, { recursive: true });
  const built = run([join(ROOT, 'clients/typescript/build.ts'), join(installed, 'dist')], ROOT);
  if (built.status !== 0) throw new Error(built.stdout + built.stderr);
  copyFileSync(join(CLIENT, 'package.json'), join(installed, 'package.json'));
  writeFileSync(join(program, 'package.json'), '{ "type": "module" }');
});
afterAll(() => rmSync(program, { recursive: true }));

test('is imported by Node, which calls the API with it', () => {
  const source = `
    import { createHoldfast, HoldfastError } from 'holdfast-client';
    const answers = [
      Response.json({ items: [{ title: 'Nets' }], nextCursor: null }),
      Response.json({ code: 'NOT_FOUND' }, { status: 404 }),
    ];
    const api = createHoldfast({ baseUrl: 'https://api.example.com', fetch: async () => answers.shift() });
    for await (const deal of api.deals.list()) console.log(deal.title);
    await api.deals.get({ id: 'x' }).catch((error) => console.log(error instanceof HoldfastError, error.code));
  `;
  writeFileSync(join(program, 'run.js'), source);
  expect(run(['run.js'], program)).toMatchObject({ status: 0, stdout: 'Nets\ntrue NOT_FOUND\n', stderr: '' });
});

test.each(['bundler', 'nodenext'])('has its types under the resolution %s', (moduleResolution) => {
  const example = readFileSync(join(CLIENT, 'example/ten-operations.ts'), 'utf8');
  writeFileSync(join(program, 'use.ts'), example.replace("'../src/index.ts'", "'holdfast-client'"));
  const { compilerOptions } = JSON.parse(readFileSync(join(CLIENT, 'example/tsconfig.json'), 'utf8'));
  const module = moduleResolution === 'nodenext' ? 'nodenext' : 'esnext';
  const options = { ...compilerOptions, skipLibCheck: false, moduleResolution, module };
  writeFileSync(join(program, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['use.ts'] }));
  expect(run([TSC, '-p', program], program)).toMatchObject({ status: 0, stdout: '' });
});
