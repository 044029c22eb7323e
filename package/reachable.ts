/** Finds the emitted files that the entries need, and the packages that these files import. */
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

/**
 * The needed files, with paths relative to the folder, and the imported packages. The compiler also emits files that no
 * entry needs.
 */
export interface Reachable {
  files: ReadonlySet<string>;
  packages: ReadonlySet<string>;
}

/** Follows the imports of the entries' modules. */
export async function reachableModules(folder: string, entries: readonly string[]): Promise<Reachable> {
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: [...entries],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node22',
    outdir: 'unused',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const external = imports.filter((each) => each.external && !each.path.startsWith('node:'));
  return {
    files: new Set(Object.keys(metafile.inputs)),
    packages: new Set(external.map(({ path }) => packageOf(path))),
  };
}

/** Follows the imports of the entries' declarations. */
export async function reachableDeclarations(folder: string, entries: readonly string[]): Promise<Reachable> {
  const files = new Set<string>();
  const packages = new Set<string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const text = (await readFile(join(folder, file), 'utf8')).replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, specifier = ''] of text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*['"]([^'"]+)['"]/g)) {
      if (!specifier.startsWith('.')) packages.add(packageOf(specifier));
      else waiting.push(relative(folder, join(folder, dirname(file), specifier.replace(/\.js$/, '.d.ts'))));
    }
  }
  packages.delete('node');
  return { files, packages: new Set([...packages].filter((name) => !name.startsWith('node:'))) };
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
