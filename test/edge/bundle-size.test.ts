/** The Worker's upload stays small: it is what an isolate loads before its first answer. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { unstable_readConfig } from 'wrangler';
import { bundleFiles } from '../support/worker.ts';

const ROOT = join(import.meta.dirname, '../..');
const KIB = 1024;
const LIMIT = 1.4 * 1024 * KIB;

interface SourceMap {
  sources: string[];
  sourcesContent: (string | null)[];
}

test('the Worker’s bundle is smaller than 1.4 MiB, gzip', () => {
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

test('it is minified by wrangler.toml, so that `npx wrangler deploy` uploads what is measured here', () => {
  expect(unstable_readConfig({ config: join(ROOT, 'wrangler.toml') }).minify).toBe(true);
  const command = /const command = (\[.*\]);/.exec(readFileSync(join(ROOT, 'dev/build.ts'), 'utf8'))?.[1];
  expect(command).toMatch(/'deploy', '--dry-run'\]$/);
});

test('it speaks one language', () => {
  const languages = sources().filter((path) => path.includes('/zod/v4/locales/'));
  expect(languages.map((path) => path.replace(/^.*\//, ''))).toEqual(['en.js']);
});

test('it has no code that only Node uses, and no unused code', () => {
  const unwanted = [
    /\/node-fetch\.ts$/,
    /\/zod\/v4\/(core\/(compile|to-json-schema)|classic\/from-json-schema)\.js$/,
    /\/zod-to-openapi\//,
    /\/(pgpass|pg\/lib\/native)\//,
  ];
  expect(sources().filter((path) => unwanted.some((each) => each.test(path)))).toEqual([]);
  expect(sources().filter((path) => /\/zod\/v4\/(core|classic)\/schemas\.js$/.test(path))).toHaveLength(2);
});

test('of the library of limits, it has those that count in one region', () => {
  const [library, bundle] = ['node_modules/@upstash/ratelimit/dist/index.mjs', 'dist/worker/cloudflare.js'].map(
    (path) => readFileSync(join(ROOT, path), 'utf8'),
  );
  const ofSeveral = 'supported for multi-region rate limiters';
  expect([library?.includes(ofSeveral), bundle?.includes(ofSeveral)]).toEqual([true, false]);
});

test('Zod wants no more of its JSON Schema writer than it has of it in the Worker', () => {
  const schemas = readFileSync(join(ROOT, 'node_modules/zod/v4/classic/schemas.js'), 'utf8').split('\n');
  const uses = schemas.filter((line) => /\bprocessors\.(?!js\b)/.test(line));
  const others = uses.filter(
    (line) => !line.trimStart().startsWith('inst._zod.processJSONSchema = (ctx, json, params) =>'),
  );
  expect(uses.length).toBeGreaterThan(30);
  const names = others.flatMap((line) => [...line.matchAll(/\bprocessors\.(\w+)/g)].map(([, name]) => name));
  expect([...new Set(names)]).toEqual(['aggregateChecks']);
});

test('a relative path with an alias is imported by one package only', () => {
  const { alias = {} } = unstable_readConfig({ config: join(ROOT, 'wrangler.toml') });
  const owners: Record<string, string> = {
    './v4/classic/external.js': '/node_modules/zod/',
    '../core/json-schema-processors.js': '/node_modules/zod/',
    '../core/to-json-schema.js': '/node_modules/zod/',
    './native': '/node_modules/pg/',
  };
  expect(Object.keys(alias).filter((specifier) => specifier.startsWith('.'))).toEqual(Object.keys(owners));
  const others = Object.entries(owners).flatMap(([specifier, owner]) =>
    modules()
      .filter(
        ({ path, code }) =>
          !path.includes(owner) && [`'${specifier}'`, `"${specifier}"`].some((each) => code.includes(each)),
      )
      .map(({ path }) => `${path} imports ${specifier}`),
  );
  expect(others).toEqual([]);
  // So that it is the importers' code that is looked at.
  expect(modules().find(({ path }) => path.endsWith('/pg/lib/index.js'))?.code).toContain("require('./native')");
});

describe('node-postgres in a Worker', () => {
  const require = createRequire(import.meta.url);

  test('finds no password for a connection without one, and goes on', () => {
    const pgpass = require('../../dev/worker-pgpass.cjs') as (of: object, found: (password?: string) => void) => void;
    const found = vi.fn();
    pgpass({ host: 'db.test', user: 'app' }, found);
    expect(found.mock.calls).toEqual([[undefined]]);
  });

  test('finds no libpq, as where it is not installed', () => {
    expect(() => require('../../dev/worker-pg-native.cjs')).toThrow(
      expect.objectContaining({ code: 'MODULE_NOT_FOUND' }),
    );
  });
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
function modules(): { path: string; code: string }[] {
  const map = JSON.parse(readFileSync(join(ROOT, 'dist/worker/cloudflare.js.map'), 'utf8')) as SourceMap;
  return map.sources.map((path, index) => ({ path, code: map.sourcesContent[index] ?? '' }));
}

/** Their paths. */
function sources(): string[] {
  return modules().map(({ path }) => path);
}

function kib(bytes: number): string {
  return `${(bytes / KIB).toFixed(1)} KiB`;
}
