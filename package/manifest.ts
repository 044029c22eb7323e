/** Makes the package.json of the package, with its entries and the dependencies that its files import. */
import { OPTIONAL, ROOMS } from './rooms.ts';

/** The fields that are copied from the repository's package.json into the package's package.json. */
export interface RootManifest {
  name: string;
  version: string;
  description: string;
  license: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/**
 * Makes the content of package.json.
 * @param packages the packages that the emitted files import.
 * @throws {Error} for a package that the repository does not depend on.
 */
export function manifestOf(root: RootManifest, packages: Iterable<string>) {
  const versions = { ...root.devDependencies, ...root.dependencies };
  const required = [...packages].filter((name) => !OPTIONAL.includes(name)).sort();
  const rangeOf = (name: string): string => {
    const version = versions[name];
    if (version === undefined) throw new Error(`The package imports ${name}, on which the repository does not depend`);
    return `^${version}`;
  };
  return {
    name: root.name,
    version: root.version,
    description: root.description,
    license: root.license,
    type: 'module',
    sideEffects: false,
    engines: { node: '>=22' },
    bin: { holdfast: 'package/holdfast.js' },
    exports: {
      ...Object.fromEntries(Object.entries(ROOMS).map(([entry, source]) => [entry, emittedOf(source)])),
      './platform.sql': './platform.sql',
      './package.json': './package.json',
    },
    dependencies: Object.fromEntries(required.map((name) => [name, rangeOf(name)])),
    peerDependencies: Object.fromEntries(OPTIONAL.map((name) => [name, rangeOf(name)])),
    peerDependenciesMeta: Object.fromEntries(OPTIONAL.map((name) => [name, { optional: true }])),
  };
}

/** Returns the paths of an entry's files, relative to the package. */
export function emittedOf(source: string): { types: string; default: string } {
  const path = `./${source.replace(/\.ts$/, '')}`;
  return { types: `${path}.d.ts`, default: `${path}.js` };
}
