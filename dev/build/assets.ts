/**
 * Writes the files of `/docs`, `/live`, `/console` and `/care-files` to `dist/public`: Swagger UI's files, the OpenAPI document, which
 * the app generates here and not in a deployment, and the scripts and styles of the board, of the
 * console and of passkeys. Workers assets and the Lambda's file system serve these files. Then it writes the modules beside the
 * Worker's bundle.
 *
 * First, this command writes `dist/build-id.ts` for the bundles and checks the schedules, because a deployment does not
 * check them at its start.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { writeBuildId } from './build-id.ts';
import './jsx.ts';
import { replaceFile } from './replace-file.ts';
import { buildWorkerModules } from './worker-modules.ts';

// wrangler runs this file before a build, and puts the name of its own command into WRANGLER_COMMAND.
await writeBuildId(['dev', undefined].includes(process.env['WRANGLER_COMMAND']));
// The app is loaded after the build id is written. So an app that fails to load can still be bundled.
const [{ createApp }, { jobs, schedules }, { apiTexts }, { describe }, { checkSchedules }] = await Promise.all([
  import('../../src/app/app.ts'),
  import('../../src/app/background.ts'),
  import('../../src/app/modules.ts'),
  import('../../src/platform/http/index.ts'),
  import('../../src/platform/jobs/index.ts'),
]);
checkSchedules(schedules);

const root = join(import.meta.dirname, '../..');
const target = join(root, 'dist/public/docs');
const source = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

await mkdir(target, { recursive: true });
for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
  await replaceFile(join(target, file), await readFile(join(source, file)));
}

const app = createApp(
  () => {
    throw new Error('This app only describes the API and serves no requests');
  },
  jobs,
  schedules,
);
await replaceFile(join(target, 'openapi.json'), Buffer.from(describe(app, apiTexts)));

/** Bundles the script and the styles of pages into the folder that their addresses name. */
async function bundle(folder: string, source: string, files: readonly string[]): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: files.map((file) => join(source, file)),
    outdir: join('dist/public', folder),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    loader: { '.svg': 'copy' },
    write: false,
    logLevel: 'warning',
  });
  await mkdir(join(root, 'dist/public', folder), { recursive: true });
  for (const { path, contents } of outputFiles) await replaceFile(path, Buffer.from(contents));
}

await bundle('live', 'src/crm/live/browser', ['board.ts', 'board.css']);
await bundle('sign-in', 'src/identity/pages/browser', ['passkey.ts']);
await bundle('console', 'src/console/browser', ['console.ts', 'console.css', 'icon.svg']);
await bundle('care-files', 'src/care/screens/browser', ['care.ts', 'care.css', 'icon.svg']);
await buildWorkerModules();
