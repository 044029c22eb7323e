/**
 * `npm run lock`, after a change of dependencies: removes the fields of package-lock.json that depend on the npm
 * version. npm 10, 11 and 12 leave the remaining file unchanged.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The parts of package-lock.json that this command changes. */
export interface LockFile {
  packages: Record<string, Record<string, unknown>>;
}

/** The lock file of this project. */
export const lockFilePath = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

/**
 * The fields to remove:
 * - `libc`: npm 10 drops this field, npm 11 keeps it. Without the field, npm installs the binaries for both C
 *   libraries.
 * - `engines`: npm warns if a package requires a newer Node than the Node that runs npm. The project has its own Node,
 *   so the warning would be wrong.
 * - `resolved`: the address of a package in one registry. Other users have another registry.
 */
const DROPPED = ['libc', 'engines', 'resolved'];

/** Returns the lock file without these fields. The entry of the project itself stays unchanged. */
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
