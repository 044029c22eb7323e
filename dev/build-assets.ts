/**
 * Puts what `/docs` needs into `dist/public/docs`, where Workers assets and the Lambda's file system serve it: Swagger
 * UI's files, and the OpenAPI document, which the app is asked for here and no more where it is deployed.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createApp } from '../src/app.ts';
import { jobs, schedules } from '../src/background.ts';
import { describe } from '../src/http/index.ts';

const target = join(import.meta.dirname, '../dist/public/docs');
const source = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

await mkdir(target, { recursive: true });
for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
  await replace(join(target, file), await readFile(join(source, file)));
}

const app = createApp(
  () => {
    throw new Error('An app that is only described serves no requests');
  },
  jobs,
  schedules,
);
await replace(join(target, 'openapi.json'), Buffer.from(describe(app)));

/** Writes a file in one step, and only if it changes: a Worker in development may be serving it, and is reloaded then. */
async function replace(path: string, contents: Buffer): Promise<void> {
  const before = await readFile(path).catch(() => undefined);
  if (before?.equals(contents)) return;
  const next = `${path}.${process.pid}`;
  await writeFile(next, contents);
  await rename(next, path);
}
