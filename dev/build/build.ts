/** `npm run build`: builds the Worker in `dist/worker`, the Lambdas in `dist/lambda`, and the files of `/docs`. */
import { spawnSync } from 'node:child_process';
import { copyFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { withoutAttestations } from './without-attestations.ts';

const root = join(import.meta.dirname, '../..');
// dist/public is not removed, because a running `npm run dev` serves its files.
for (const part of ['worker', 'lambda']) await rm(join(root, 'dist', part), { recursive: true, force: true });

// wrangler is started by its path, and this Node is the first in PATH. So the build also works outside an npm script.
const wranglerPackage = createRequire(import.meta.url).resolve('wrangler/package.json');
const command = [join(dirname(wranglerPackage), 'bin/wrangler.js'), 'deploy', '--dry-run'];
const wrangler = spawnSync(process.execPath, [...command, '--outdir', 'dist/worker'], {
  cwd: root,
  encoding: 'utf8',
  env: {
    ...process.env,
    PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
    WRANGLER_SEND_METRICS: 'false',
  },
});
if (wrangler.status !== 0) {
  console.error(wrangler.stdout, wrangler.stderr, wrangler.error ?? '');
  process.exit(1);
}
// wrangler uploads the map of a module, but writes only the map of the bundle.
for (const map of ['database.mjs.map', 'passkeys.mjs.map']) {
  await copyFile(join(root, 'dist/modules', map), join(root, 'dist/worker', map));
}

await build({
  entryPoints: [join(root, 'functions/aws.ts')],
  outdir: join(root, 'dist/lambda'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  // wrangler.toml has the same aliases for the Worker.
  alias: {
    '@asteasolutions/zod-to-openapi': join(root, 'dev/build/replacements/openapi.ts'),
    '#build-id': join(root, 'dist/build-id.ts'),
  },
  plugins: [withoutAttestations],
  // With splitting, Prisma becomes a separate chunk, which is loaded when the database is first needed.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minify: true,
  keepNames: true,
  // Node uses the source maps to show source positions in stack traces. The maps do not contain the text of the
  // sources.
  sourcemap: 'linked',
  sourcesContent: false,
  // node-postgres is CommonJS and loads Node's built-in modules with require().
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});
console.log('Built dist/worker, dist/lambda and dist/public.');
