/** The package as others install it: in an empty folder, without the repository. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandIn, type InstalledCloud, startInstalledCloud } from './cloud.ts';
import { type Installation, installPackage, packPackage } from './installation.ts';
import { startProgram } from './process.ts';
import { tellStory } from './story.ts';

const resolve = createRequire(import.meta.url).resolve;
const TSC = join(dirname(resolve('typescript/package.json')), 'bin/tsc');
const WRANGLER = join(dirname(resolve('wrangler/package.json')), 'bin/wrangler.js');
/** Packages of the application's own. */
const OF_THE_APPLICATION = ['@hono/node-server', '@types/node', '@types/pg', 'pg'];
/** The servers of the local cloud. */
const OF_THE_CLOUD = ['@electric-sql/pglite', '@redis/client', 'js-redis-server'];

let tarball: string;
/** The package alone, and beside an application with all that it uses. */
let alone: Installation;
let installed: Installation;
let cloud: InstalledCloud;

/** Runs Node in an installation. */
async function node({ folder }: Installation, ...words: string[]) {
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number | null, stdout, stderr };
}
const command = ({ folder }: Installation) => commandIn(folder);

beforeAll(async () => {
  tarball = await packPackage();
  alone = await installPackage(tarball);
  installed = await installPackage(tarball, [...OF_THE_APPLICATION, ...OF_THE_CLOUD]);
  cloud = await startInstalledCloud(installed.folder, process.execPath);
  const compiled = await node(installed, TSC, '-p', '.');
  expect(compiled, compiled.stdout).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await cloud?.close();
  await Promise.all([alone?.remove(), installed?.remove(), rm(dirname(tarball), { recursive: true, force: true })]);
});

test('every room loads without Prisma, a driver of a database or a server', async () => {
  const rooms = Object.keys(alone.manifest.exports).filter((entry) => !/\.(sql|json)$|local-cloud/.test(entry));
  const imports = rooms.map((entry) => `await import('holdfast${entry.slice(1)}');`).join('');
  expect(rooms).toContain('./cache');
  expect(await node(alone, '--input-type=module', '--eval', imports)).toEqual({ code: 0, stdout: '', stderr: '' });
  const { dependencies } = alone.manifest;
  expect(Object.keys(dependencies).filter((name) => /prisma|^pg$|pglite|redis-server/.test(name))).toEqual([]);
});

test('the command names the packages that it lacks in one sentence', async () => {
  const stderr =
    'holdfast cloud needs packages that are not installed: ' +
    'npm install --save-dev @redis/client js-redis-server @electric-sql/pglite\n';
  expect(await node(alone, command(alone), 'cloud')).toEqual({ code: 1, stdout: '', stderr });
});

test('the command without a known name shows how it is used', async () => {
  const shown = { code: 2, stdout: '', stderr: expect.stringContaining('npx holdfast cloud') };
  expect(await node(alone, command(alone), 'clouds')).toEqual(shown);
});

test('an application compiles as bundlers resolve the package', async () => {
  const options = ['--module', 'esnext', '--moduleResolution', 'bundler', '--noEmit'];
  expect(await node(installed, TSC, '-p', '.', ...options)).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('an application in Node uses cache, session, limit, lock and job, and a hit costs 1 request', async () => {
  const app = await startProgram<{ url: string }>(
    [process.execPath, 'built/node.js'],
    installed.folder,
    cloud.settings,
  );
  try {
    await tellStory(app.ready.url, 'node', '192.0.2.1');
  } finally {
    expect(await app.close()).toBe(0);
  }
});

test('an application in workerd uses cache, session, limit, lock and job, and a hit costs 1 request', async () => {
  const bundled = await node(installed, WRANGLER, 'deploy', '--dry-run', '--outdir', 'bundle');
  expect(bundled, bundled.stderr).toMatchObject({ code: 0 });
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: await readFile(join(installed.folder, 'bundle/worker.js'), 'utf8'),
      compatibilityDate: '2026-11-17',
      compatibilityFlags: ['nodejs_compat'],
      bindings: cloud.settings,
      cf: false,
    }),
  );
  try {
    await tellStory((await miniflare.ready).origin, 'workerd', '192.0.2.2');
  } finally {
    await miniflare.dispose();
  }
});

test.each(['SIGINT', 'SIGTERM'] as const)('the command starts QStash alone, and ends with 0 on %s', async (signal) => {
  const qstash = await startProgram([process.execPath, command(installed), 'qstash', '--port=0'], installed.folder);
  expect(await qstash.close(signal)).toBe(0);
});
