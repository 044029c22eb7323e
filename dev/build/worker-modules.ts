/**
 * Writes the modules beside the Worker's bundle to `dist/modules`. wrangler.toml uploads the folder. wrangler itself
 * never splits a bundle, and a Worker would compile the whole bundle at each start.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { replaceFile } from './replace-file.ts';
import { withoutAttestations } from './without-attestations.ts';

const root = join(import.meta.dirname, '../..');

/**
 * Bundles the libraries of the database, which src/platform/db/load-libraries.workerd.ts imports at the first query, and
 * the library of passkeys, which src/identity/passkeys/load-library.workerd.ts imports at the first ceremony.
 */
export async function buildWorkerModules(): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { database: 'src/platform/db/libraries.ts', passkeys: 'src/identity/passkeys/library.ts' },
    outdir: 'dist/modules',
    outExtension: { '.js': '.mjs' },
    assetNames: '[name]',
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['workerd', 'worker', 'browser'],
    mainFields: ['module', 'main'],
    plugins: [withoutAttestations],
    external: ['cloudflare:*'],
    target: 'es2024',
    minify: true,
    loader: { '.wasm': 'copy' },
    // node-postgres is CommonJS and loads Node's built-in modules with require().
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('/');" },
    sourcemap: 'linked',
    sourcesContent: false,
    write: false,
    logLevel: 'warning',
  });
  await mkdir(join(root, 'dist/modules'), { recursive: true });
  for (const { path, contents } of outputFiles) await replaceFile(path, Buffer.from(contents));
}
