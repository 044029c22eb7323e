/**
 * `npm run lock`, after a change of dependencies: removes the fields of package-lock.json that depend on the npm
 * version. npm 10, 11 and 12 leave the remaining file unchanged.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The parts of package-lock.json that matter here. */
export interface LockFile {
  packages: Record<string, Record<string, unknown>>;
}

/** The lock file of this project. */
export const lockFilePath = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

/**
 * - `libc`: npm 10 drops it, npm 11 keeps it. Without it both C libraries' variants of a binary are installed.
 * - `engines`: npm warns of packages that require a newer Node than its own, but the project brings its Node.
 * - `resolved`: the address of one registry. Other users have another.
 */
const DROPPED = ['libc', 'engines', 'resolved'];

/** The lock file without these fields. The project's own entry stays unchanged. */
export function portable(lock: LockFile): LockFile {
  const packages = Object.entries(lock.packages).map(([path, entry]) => [
    path,
    path === '' ? entry : Object.fromEntries(Object.entries(entry).filter(([name]) => !DROPPED.includes(name))),
  ]);
  return { ...lock, packages: Object.fromEntries(packages) as LockFile['packages'] };
}

if (import.meta.main) {
  const text = readFileSync(lockFilePath, 'utf8');
  const wanted = `${JSON.stringify(portable(JSON.parse(text) as LockFile), null, 2)}\n`;
  if (wanted !== text) writeFileSync(lockFilePath, wanted);
}
