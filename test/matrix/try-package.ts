/** The package as `npm install` fetches it, with a Node and an npm that it is promised for. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { commandIn, startInstalledCloud } from '../platform/package/cloud.ts';
import { startProgram } from '../platform/package/process.ts';
import { tellStory } from '../platform/package/story.ts';
import type { Toolchain } from './versions.ts';

const run = promisify(execFile);
/** The other packages of the application, and the servers of the local cloud. */
const BESIDE = [
  ...['@hono/node-server', '@types/node', '@types/pg', 'hono', 'pg', 'typescript', 'zod'],
  ...['@electric-sql/pglite', '@redis/client', 'js-redis-server'],
];

/** Installs a tarball in an empty folder, and runs the application of the pack test there. @returns `ok`, or what was wrong. */
export async function tryPackage(
  root: string,
  folder: string,
  tarball: string,
  { nodePath, env }: Toolchain,
): Promise<string> {
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const versions = { ...devDependencies, ...dependencies };
  await mkdir(folder, { recursive: true });
  await cp(join(root, 'test/platform/package/app'), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const packages = BESIDE.map((name) => `${name}@${versions[name]}`);
  try {
    await run('npm', ['install', '--no-audit', '--no-fund', tarball, ...packages], { cwd: folder, env });
    await run('npm', ['exec', '--', 'tsc', '-p', '.'], { cwd: folder, env });
    await run(nodePath, [commandIn(folder)], { cwd: folder, env }).catch(({ code }) => {
      if (code !== 2) throw new Error(`the command without a name ended with ${code}`);
    });
    const cloud = await startInstalledCloud(folder, nodePath);
    try {
      const app = await startProgram<{ url: string }>([nodePath, 'built/node.js'], folder, cloud.settings);
      await tellStory(app.ready.url, 'matrix', '192.0.2.1').finally(app.close);
    } finally {
      await cloud.close();
    }
    return 'ok';
  } catch (error) {
    return error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : String(error);
  }
}
