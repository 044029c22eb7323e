/** Bundles a file of the client into one module, for its package and for pages without a bundler. */
import { join } from 'node:path';
import { build } from 'esbuild';

/** Returns the module, and the modules that it imports. The entry is a path in this folder. */
export async function bundle(
  entry: string,
  { minify }: { minify: boolean },
): Promise<{ code: string; imports: string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(import.meta.dirname, entry)],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify,
    write: false,
    metafile: true,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  return { code: outputFiles[0]?.text ?? '', imports };
}
