/**
 * `npm run build:package`: builds the package in `dist/package`, with JavaScript, declarations and a package.json.
 * `npm pack ./dist/package` makes the tarball that `npm install holdfast` would fetch.
 */
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { emittedOf, manifestOf, type RootManifest } from './manifest.ts';
import { reachableDeclarations, reachableModules } from './reachable.ts';
import { COMMANDS, ROOMS } from './rooms.ts';

const ROOT = join(import.meta.dirname, '..');
const OUT = join(ROOT, 'dist/package');
const rooms = Object.values(ROOMS);

await rm(OUT, { recursive: true, force: true });
await compile([...rooms, ...COMMANDS]);
const emitted = (await readdir(OUT, { recursive: true })).filter((file) => /\.(js|d\.ts)$/.test(file));
for (const file of emitted) await rewriteSpecifiers(join(OUT, file));
const modules = await reachableModules(
  OUT,
  [...rooms, ...COMMANDS].map((source) => emittedOf(source).default.slice(2)),
);
const declarations = await reachableDeclarations(
  OUT,
  rooms.map((source) => emittedOf(source).types.slice(2)),
);
const needed = new Set([...modules.files, ...declarations.files]);
for (const file of emitted) if (!needed.has(file)) await rm(join(OUT, file));

await chmod(join(OUT, 'package/holdfast.js'), 0o755);
await copyFile(join(ROOT, 'src/platform/sql/platform.sql'), join(OUT, 'platform.sql'));
await copyFile(join(ROOT, 'LICENSE'), join(OUT, 'LICENSE'));
await copyFile(join(ROOT, 'docs/package.md'), join(OUT, 'README.md'));
const root = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as RootManifest;
const manifest = manifestOf(root, new Set([...modules.packages, ...declarations.packages]));
await writeFile(join(OUT, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`Built dist/package: ${needed.size} files.`);

/** Compiles modules and all modules that they import. */
async function compile(sources: readonly string[]): Promise<void> {
  const config = join(ROOT, 'package/tsconfig.build.json');
  await writeFile(config, JSON.stringify({ extends: './tsconfig.json', files: sources.map((file) => `../${file}`) }));
  try {
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
    const { status } = spawnSync(process.execPath, [tsc, '-p', config], { cwd: ROOT, stdio: 'inherit' });
    if (status !== 0) process.exit(1);
  } finally {
    await rm(config);
  }
}

/**
 * Changes `.ts` to `.js` in the imports of declarations and in URLs of modules. The compiler changes all other imports.
 */
async function rewriteSpecifiers(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const specifier = file.endsWith('.d.ts')
    ? /((?:\bfrom|\bimport|\bimport\(|declare module)\s*(['"])\.{1,2}\/[^'"]*)\.ts\2/g
    : /(new URL\((['"])\.{1,2}\/[^'"]*)\.ts\2/g;
  const rewritten = text.replace(specifier, '$1.js$2');
  if (rewritten !== text) await writeFile(file, rewritten);
}
