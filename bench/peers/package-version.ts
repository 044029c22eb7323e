/** Reads the version of an installed package, for the notes: the measured version, not the requested version. */
import { existsSync, readFileSync } from 'node:fs';

/** Returns `name version` of a package in the node_modules of the benchmark or of the project. */
export function packageVersion(name: string): string {
  const manifests = ['../node_modules', '../../node_modules'].map(
    (folder) => new URL(`${folder}/${name}/package.json`, import.meta.url),
  );
  const manifest = manifests.find((url) => existsSync(url));
  if (!manifest) throw new Error(`${name} is not installed`);
  return `${name} ${(JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version}`;
}
