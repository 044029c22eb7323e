/**
 * Lists the files of `src` that a request enters, as JSON: those with a function that V8's precise coverage saw run.
 * A program of its own, because the loader of a test runner adds functions to modules.
 *
 * `node test/platform/http/entered-files.ts '{"path":"/dashboard","cookie":"…","variables":{…}}'`
 */
import { Session } from 'node:inspector/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jobs, schedules } from '../../../src/app/background.ts';
import { readEnvironment } from '../../../src/app/env.ts';
import { createPlatform } from '../../../src/app/platform.ts';
import { openDatabasePool } from '../../../src/platform/db/index.ts';
import { createNodeFetch } from '../../../src/platform/keep-alive-fetch.ts';
import '../../../dev/build/jsx.ts';

const { createApp } = await import('../../../src/app/app.ts');

const SRC = join(import.meta.dirname, '../../../src');
const { path, cookie, variables } = JSON.parse(process.argv[2] ?? '') as {
  path: string;
  cookie: string;
  variables: Record<string, string>;
};

const environment = readEnvironment(variables);
const pool = openDatabasePool({ connectionString: environment.DATABASE_URL });
const platform = createPlatform({ environment, pool, fetch: createNodeFetch(), schedules, write: () => {} });
const app = createApp(() => ({ scope: platform.scope, clientIp: '2001:db8::1' }), jobs, schedules);
const ask = () => app.request(path, { headers: { cookie } });

// The first answers load the values, the scripts and the code.
for (const _warmUp of [1, 2, 3]) await ask();

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
const response = await ask();
const { result } = await session.post('Profiler.takePreciseCoverage');
session.disconnect();
await pool.close();

const files = result
  .filter(({ url, functions }) => url.startsWith('file:') && functions.some(({ ranges }) => ranges[0]?.count))
  .map(({ url }) => relative(SRC, fileURLToPath(url)))
  .filter((file) => !file.startsWith('..') && !file.startsWith('generated'));
console.log(
  JSON.stringify({
    status: response.status,
    cache: response.headers.get('x-cache'),
    files: [...new Set(files)].sort(),
  }),
);
process.exit(0);
