/** The Worker's upload stays small: it is what an isolate loads before its first answer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundleFiles } from '../support/worker.ts';

const KIB = 1024;
const LIMIT = 1024 * KIB;

test('the Worker’s bundle is smaller than 1 MiB, gzip', () => {
  const files = bundleFiles();
  expect(files.map(({ name }) => name.replace(/^[0-9a-f]+-/, '')).toSorted()).toEqual([
    'cloudflare.js',
    'query_compiler_small_bg.wasm',
  ]);
  // As wrangler measures it: all modules as one stream.
  const size = gzipSync(Buffer.concat(files.map(({ contents }) => contents))).byteLength;
  const parts = files.map(({ name, contents }) => `${name} ${kib(gzipSync(contents).byteLength)}`);
  console.log(`Worker bundle: ${kib(size)} gzip (${parts.join(', ')})`);
  expect(size).toBeLessThan(LIMIT);
});

test('it speaks one language', () => {
  const sources = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../dist/worker/cloudflare.js.map'), 'utf8'),
  ) as {
    sources: string[];
  };
  const languages = sources.sources.filter((path) => path.includes('/zod/v4/locales/'));
  expect(languages.map((path) => path.replace(/^.*\//, ''))).toEqual(['en.js']);
});

function kib(bytes: number): string {
  return `${(bytes / KIB).toFixed(1)} KiB`;
}
