/** The package.json of the package: its entries, and the dependencies that its code imports. */
import { builtinModules } from 'node:module';
import { OPTIONAL, ROOMS } from './rooms.ts';

/** The part of the repository's package.json that is used. */
export interface RootManifest {
  name: string;
  version: string;
  description: string;
  license: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** Packages that a declaration names but no code imports. */
const TYPES_ONLY = ['zod'];

/**
 * Makes the manifest.
 * @param scripts the text of every emitted module.
 * @throws {Error} for an import of a package that the repository does not depend on.
 */
export function manifestOf(root: RootManifest, scripts: readonly string[]) {
  const versions = { ...root.devDependencies, ...root.dependencies };
  const optional = new Set<string>(OPTIONAL);
  const imported = [...new Set([...scripts.flatMap(packagesOf), ...TYPES_ONLY])].sort();
  const required = imported.filter((name) => !optional.has(name));
  const versionOf = (name: string): string => {
    const version = versions[name];
    if (version === undefined) throw new Error(`The package imports ${name}, on which the repository does not depend`);
    return version;
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
    dependencies: Object.fromEntries(required.map((name) => [name, `^${versionOf(name)}`])),
    peerDependencies: Object.fromEntries(OPTIONAL.map((name) => [name, `^${versionOf(name)}`])),
    peerDependenciesMeta: Object.fromEntries(OPTIONAL.map((name) => [name, { optional: true }])),
  };
}

/** The files of an entry, relative to the package. */
export function emittedOf(source: string): { types: string; default: string } {
  const path = `./${source.replace(/\.ts$/, '')}`;
  return { types: `${path}.d.ts`, default: `${path}.js` };
}

/** The packages that a module imports. */
function packagesOf(script: string): string[] {
  const specifiers = [...script.matchAll(/(?:\bfrom|^import|\bimport\()\s*'([^'.][^']*)'/gm)].map(
    ([, name = '']) => name,
  );
  return specifiers
    .filter((each) => !each.startsWith('node:') && !builtinModules.includes(each))
    .map((each) =>
      each
        .split('/')
        .slice(0, each.startsWith('@') ? 2 : 1)
        .join('/'),
    );
}
