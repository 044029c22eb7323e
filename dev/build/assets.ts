/**
 * Writes the files of `/docs` to `dist/public/docs`, from where Workers assets and the Lambda's file system serve
 * them: Swagger UI's files, and the OpenAPI document, which the app generates here and not in a deployment. Before
 * these files, this command writes `dist/build-id.ts` for the bundles and checks the schedules: a deployment does not
 * check them at its start.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { writeBuildId } from './build-id.ts';
import { replaceFile } from './replace-file.ts';

// wrangler runs this file before a build, and names its own command in WRANGLER_COMMAND.
await writeBuildId(['dev', undefined].includes(process.env['WRANGLER_COMMAND']));
// The app is loaded after the build id is written: an app that fails to load can still be bundled.
const [{ createApp }, { jobs, schedules }, { apiTexts }, { describe }, { checkSchedules }] = await Promise.all([
  import('../../src/app/app.ts'),
  import('../../src/app/background.ts'),
  import('../../src/app/modules.ts'),
  import('../../src/platform/http/index.ts'),
  import('../../src/platform/jobs/index.ts'),
]);
checkSchedules(schedules);

const target = join(import.meta.dirname, '../../dist/public/docs');
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
