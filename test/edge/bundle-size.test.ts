/** The Worker's bundle, as the README's command uploads it: its size, and the modules that it contains. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
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
  expect(files.map(({ name }) => name).toSorted()).toEqual([
    'cloudflare.js',
    'database.mjs',
    'passkeys.mjs',
    'query_compiler_small_bg.wasm',
  ]);
  // As wrangler measures it: all modules as one stream.
  const size = gzipSync(Buffer.concat(files.map(({ contents }) => contents))).byteLength;
  const parts = files.map(({ name, contents }) => `${name} ${kib(gzipSync(contents).byteLength)}`);
  console.log(`Worker bundle: ${kib(size)} gzip (${parts.join(', ')})`);
  expect(size).toBeLessThan(LIMIT);
});

test('wrangler.toml alone makes the bundle: the build and the deployment use no further options for it', () => {
  const command = /const command = (\[.*\]);/.exec(readFileSync(join(ROOT, 'dev/build/build.ts'), 'utf8'))?.[1];
  expect(command).toMatch(/'deploy', '--dry-run'\]$/);
  const uploads = readFileSync(join(ROOT, 'deploy/worker.ts'), 'utf8').match(/'wrangler', \['deploy'.*?\]/g);
  expect(uploads).toEqual([`'wrangler', ['deploy', '--tag', build]`]);
});

test('the Worker is minified, with no call that keeps the name of a function', () => {
  const bundle = readFileSync(join(ROOT, 'dist/worker/cloudflare.js'), 'utf8');
  expect(bundle).not.toMatch(/createPlatform|\b__name\b/);
});

test('the libraries of the database are compiled at the first query, not at the start', () => {
  const ofTheDatabase = sources().filter((path) =>
    /node_modules\/(pg|@prisma\/(client|adapter-pg))\/|src\/generated\/workerd/.test(path),
  );
  expect(ofTheDatabase).toEqual([]);
});

test('Zod’s messages are in English only', () => {
  const languages = sources().filter((path) => path.includes('/zod/v4/locales/'));
  expect(languages.map((path) => path.replace(/^.*\//, ''))).toEqual(['en.js']);
});

test('modules that only Node or the build needs are not in it', () => {
  const unwanted = [
    /\/keep-alive-fetch\.ts$/,
    /\/zod\/v4\/(core\/(compile|to-json-schema)|classic\/from-json-schema)\.js$/,
    /\/zod-to-openapi\//,
  ];
  expect(sources().filter((path) => unwanted.some((each) => each.test(path)))).toEqual([]);
  expect(sources().filter((path) => /\/zod\/v4\/(core|classic)\/schemas\.js$/.test(path))).toHaveLength(2);
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
  // The loop above reads the code of the importers, not of what they were given.
  const importer = modules().find(({ path }) => path.endsWith('/zod/v4/classic/schemas.js'));
  expect(importer?.code).toContain('"../core/json-schema-processors.js"');
});

test('it has all of Zod that our code uses', async () => {
  const [all, inWorker] = await Promise.all([import('zod'), import('../../dev/build/replacements/zod.ts')]);
  const own = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('generated'))
    .map((path) => readFileSync(join(ROOT, 'src', path), 'utf8'));
  const used = new Set(own.flatMap((code) => [...code.matchAll(/\bz\s*\.(\w+)/g)].map(([, name]) => name ?? '')));
  expect(used.size).toBeGreaterThan(10);
  // `z.infer` and the like are types.
  const values = [...used].filter((name) => name in all.z && name !== 'core');
  expect(values.filter((name) => !(name in inWorker))).toEqual([]);
  for (const group of ['coerce', 'iso'] as const) {
    const members = own.flatMap((code) =>
      [...code.matchAll(new RegExp(`\\bz\\s*\\.${group}\\s*\\.(\\w+)`, 'g'))].map(([, name]) => name ?? ''),
    );
    expect(members.length).toBeGreaterThan(0);
    expect(members.filter((name) => !(name in inWorker[group]))).toEqual([]);
  }
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
