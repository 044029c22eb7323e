/**
 * `npm run bench [-- --quick]`: measures Holdfast beside its peers and writes docs/benchmarks.md. `npm run bench -- live`
 * measures one section and prints it. The first run
 * installs the peers in this folder's own package, so that the project does not depend on any peer. This file must
 * not import a module with a peer before the installation.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

function missingPeers(): string[] {
  const { dependencies } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return Object.entries(dependencies)
    .filter(([name, version]) => installedVersion(name) !== version)
    .map(([name, version]) => `${name}@${version}`);
}

function installedVersion(name: string): string | undefined {
  const manifest = `${folder}node_modules/${name}/package.json`;
  return existsSync(manifest) ? (createRequire(import.meta.url)(manifest) as { version: string }).version : undefined;
}

function installPeers(): void {
  const missing = missingPeers();
  if (missing.length === 0) return;
  console.error(`Installing what Holdfast is compared with, in bench/node_modules (once):\n  ${missing.join('\n  ')}`);
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error('That did not work. `npm run bench` needs a package registry the first time it runs.');
    process.exit(1);
  }
}

installPeers();
const { main } = await import('./main.ts');
await main(process.argv.slice(2));
