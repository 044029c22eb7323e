/** The module for browsers is small, and nothing of the server gets into it. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const FOLDER = 'src/platform/feeds/browser';
const MOST_BYTES = 3 * 1024;

test('minified and compressed, the module has less than 3 KiB and consists of its own folder', async () => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`${FOLDER}/index.ts`],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    metafile: true,
  });
  expect(Object.keys(metafile.inputs).filter((file) => !file.startsWith(`${FOLDER}/`))).toEqual([]);
  expect(gzipSync(outputFiles[0]?.contents ?? '').byteLength).toBeLessThan(MOST_BYTES);
});
