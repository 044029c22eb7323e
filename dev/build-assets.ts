/** Puts Swagger UI's files into `dist/public/docs`, where Workers assets and the Lambda's file system serve them. */
import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const target = join(import.meta.dirname, '../dist/public/docs');
const source = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

await mkdir(target, { recursive: true });
for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) await copyFile(join(source, file), join(target, file));
