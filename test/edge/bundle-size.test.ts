/** The Worker's upload stays small: it is what an isolate loads before its first answer. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundleFiles } from '../support/worker.ts';

const ROOT = join(import.meta.dirname, '../..');
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
  const languages = sources().filter((path) => path.includes('/zod/v4/locales/'));
  expect(languages.map((path) => path.replace(/^.*\//, ''))).toEqual(['en.js']);
});

test('what only Node has a use for, and what nobody has, is not in it', () => {
  const found = sources().filter((path) =>
    /\/(node-fetch\.ts|zod-to-openapi\/.*|zod\/v4\/(core\/compile|classic\/from-json-schema)\.js)$/.test(path),
  );
  expect(found).toEqual([]);
  expect(sources().filter((path) => /\/zod\/v4\/(core|classic)\/schemas\.js$/.test(path))).toHaveLength(2);
});

test('it has all of Zod that our code uses', async () => {
  const [all, inWorker] = await Promise.all([import('zod'), import('../../dev/worker-zod.ts')]);
  const own = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('generated'))
    .map((path) => readFileSync(join(ROOT, 'src', path), 'utf8'));
  const used = new Set(own.flatMap((code) => [...code.matchAll(/\bz\s*\.(\w+)/g)].map(([, name]) => name ?? '')));
  expect(used.size).toBeGreaterThan(10);
  // `z.infer` and the like are types.
  const values = [...used].filter((name) => name in all.z && name !== 'core');
  expect(values.filter((name) => !(name in inWorker))).toEqual([]);
});

/** The modules that went into the bundle. */
function sources(): string[] {
  const map = readFileSync(join(ROOT, 'dist/worker/cloudflare.js.map'), 'utf8');
  return (JSON.parse(map) as { sources: string[] }).sources;
}

function kib(bytes: number): string {
  return `${(bytes / KIB).toFixed(1)} KiB`;
}
