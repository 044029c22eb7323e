/** Builds the bundles that the edge and browser suites run: the tests run the deployed files. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Each project of Vitest loads this file by itself; the first one builds. */
const shared = globalThis as { holdfastTestBuild?: true };

export default function setup(): void {
  if (shared.holdfastTestBuild) return;
  const build = spawnSync(process.execPath, ['dev/build/build.ts'], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
  });
  if (build.status !== 0) throw new Error(`The build failed:\n${build.stdout}${build.stderr}`);
  shared.holdfastTestBuild = true;
}
