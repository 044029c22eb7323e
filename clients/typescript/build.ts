/**
 * `npm run client:build [-- <folder>]`: builds the package of the client: one module and its declarations, in `dist` of
 * this folder or in another one. `npm pack ./clients/typescript` then makes the tarball.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { bundle } from './bundle.ts';

const out = resolve(process.argv[2] ?? join(import.meta.dirname, 'dist'));
const types = join(out, 'types');

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const { code } = await bundle('src/index.ts', { minify: false });
await writeFile(join(out, 'index.js'), code);
declare();
for (const file of await readdir(types, { recursive: true })) {
  if (file.endsWith('.d.ts')) await rename(join(types, file));
}
console.log('Built the package of the client.');

/** Writes the declarations. */
function declare(): void {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const options = ['--noEmit', 'false', '--emitDeclarationOnly', '--declaration', '--outDir', types];
  const args = [tsc, '-p', join(import.meta.dirname, 'tsconfig.json'), ...options];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

/** Lets the declarations import each other as users of the package resolve them: `.js` in place of `.ts`. */
async function rename(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/((?:\bfrom|\bimport\() ?'\.{1,2}\/[^']*)\.ts'/g, "$1.js'"));
}
