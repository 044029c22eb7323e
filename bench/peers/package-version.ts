/** The version of an installed package, for the notes under the table: the measured version, not the requested one. */
import { existsSync, readFileSync } from 'node:fs';

/** `name version`, of the package in this folder's node_modules or the project's. */
export function packageVersion(name: string): string {
  const manifests = ['../node_modules', '../../node_modules'].map(
    (folder) => new URL(`${folder}/${name}/package.json`, import.meta.url),
  );
  const manifest = manifests.find((url) => existsSync(url));
  if (!manifest) throw new Error(`${name} is not installed`);
  return `${name} ${(JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version}`;
}
