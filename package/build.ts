/**
 * `npm run build:package`: JavaScript and declarations of the package in `dist/package`, with a package.json of its own.
 * `npm pack ./dist/package` makes the tarball that `npm install holdfast` would fetch.
 */
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, glob, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { manifestOf, type RootManifest } from './manifest.ts';
import { COMMANDS, ROOMS } from './rooms.ts';

const ROOT = join(import.meta.dirname, '..');
const OUT = join(ROOT, 'dist/package');

await rm(OUT, { recursive: true, force: true });
await compile();
const emitted = await Array.fromAsync(glob('**/*.{js,d.ts}', { cwd: OUT }));
for (const file of emitted) await rewriteSpecifiers(join(OUT, file));
await chmod(join(OUT, 'package/holdfast.js'), 0o755);
await copyFile(join(ROOT, 'src/platform/sql/platform.sql'), join(OUT, 'platform.sql'));
await copyFile(join(ROOT, 'LICENSE'), join(OUT, 'LICENSE'));
await copyFile(join(ROOT, 'docs/package.md'), join(OUT, 'README.md'));
const root = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as RootManifest;
const scripts = await Promise.all(
  emitted.filter((file) => file.endsWith('.js')).map((file) => readFile(join(OUT, file), 'utf8')),
);
await writeFile(join(OUT, 'package.json'), `${JSON.stringify(manifestOf(root, scripts), null, 2)}\n`);
console.log(`Built dist/package: ${emitted.length} files.`);

/** Emits the entries and everything that they import. */
async function compile(): Promise<void> {
  const config = join(ROOT, 'package/tsconfig.build.json');
  const files = [...Object.values(ROOMS), ...COMMANDS].map((file) => `../${file}`);
  await writeFile(config, JSON.stringify({ extends: './tsconfig.json', files }));
  try {
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
    const { status } = spawnSync(process.execPath, [tsc, '-p', config], { cwd: ROOT, stdio: 'inherit' });
    if (status !== 0) process.exit(1);
  } finally {
    await rm(config);
  }
}

/** The compiler rewrites the imports of code only: neither those of declarations nor URLs of other modules. */
async function rewriteSpecifiers(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const specifier = file.endsWith('.d.ts')
    ? /((?:from|import\()\s*'\.{1,2}\/[^']*|^import '\.{1,2}\/[^']*|declare module '\.{1,2}\/[^']*)\.ts'/gm
    : /(new URL\('\.{1,2}\/[^']*)\.ts'/g;
  const rewritten = text.replace(specifier, "$1.js'");
  if (rewritten !== text) await writeFile(file, rewritten);
}
