/**
 * The package as `npm install` unpacks it, in a folder outside of the repository. It needs no network: the packages that
 * its manifest names, and no others, are links to those of the repository.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** The part of the package's manifest that is used. */
export interface Manifest {
  version: string;
  exports: Record<string, string | { types: string; default: string }>;
  bin: { holdfast: string };
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
}

/** See above. */
export interface Installation {
  folder: string;
  manifest: Manifest;
  remove(): Promise<void>;
}

/** Builds the package and packs it; resolves with the path of the tarball, in a folder of its own. */
export async function packPackage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-packed-'));
  await run(process.execPath, [join(ROOT, 'package/build.ts')], { cwd: ROOT });
  const words = ['pack', join(ROOT, 'dist/package'), '--silent', '--pack-destination', folder];
  const { stdout } = await run('npm', words, { cwd: folder });
  return join(folder, stdout.trim());
}

/**
 * Installs a tarball beside an application.
 * @param packages the further packages of the application.
 */
export async function installPackage(tarball: string, packages: readonly string[] = []): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-installed-'));
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '.bin'), { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', modules]);
  const installed = join(modules, 'holdfast');
  await rename(join(modules, 'package'), installed);
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Manifest;
  await symlink(join(installed, manifest.bin.holdfast), join(modules, '.bin/holdfast'));
  for (const name of [...Object.keys(manifest.dependencies), ...packages]) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  }
  await cp(join(import.meta.dirname, 'app'), folder, { recursive: true });
  return { folder, manifest, remove: () => rm(folder, { recursive: true, force: true }) };
}
