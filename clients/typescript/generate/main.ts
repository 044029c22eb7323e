/**
 * `npm run client:generate`: writes the types and the table of the client from the OpenAPI document. The first run installs
 * openapi-typescript in this folder's own package, because it needs TypeScript 5 and the project has a newer one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, describedApi, hashOf, neededBy } from './document.ts';
import { operationsFile } from './operations.ts';

const FOLDER = join(import.meta.dirname, '..');
const OUT = join(FOLDER, 'src/from-openapi');
const GENERATOR = join(FOLDER, 'node_modules/openapi-typescript');

install();
const text = describedApi();
const needed = neededBy(text);
const head = `// Made by \`npm run client:generate\` from the OpenAPI document. Do not edit.\n// ${hashOf(needed)}\n\n`;
writeFileSync(join(OUT, 'operations.ts'), head + operationsFile(JSON.parse(text) as Document));
writeFileSync(join(OUT, 'schema.ts'), head + typesOf(needed));

/** Installs the generator and the packages of the examples, unless all are there in the wanted versions. */
function install(): void {
  const read = (file: string) => JSON.parse(existsSync(file) ? readFileSync(file, 'utf8') : '{}');
  const { devDependencies } = read(join(FOLDER, 'package.json')) as { devDependencies: Record<string, string> };
  const versionOf = (name: string) => read(join(FOLDER, 'node_modules', name, 'package.json')).version;
  if (Object.entries(devDependencies).every(([name, wanted]) => versionOf(name) === wanted)) return;
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: FOLDER,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  console.error('That did not work. `npm run client:generate` needs a package registry the first time it runs.');
  process.exit(1);
}

/** Returns the types of the operations and schemas. */
function typesOf(document: Document): string {
  const work = mkdtempSync(join(tmpdir(), 'holdfast-client-'));
  try {
    const [input, output] = [join(work, 'openapi.json'), join(work, 'schema.ts')];
    writeFileSync(input, JSON.stringify(document));
    const { status } = spawnSync(
      process.execPath,
      // A field with a default may be left out of a request.
      [join(GENERATOR, 'bin/cli.js'), input, '--output', output, '--default-non-nullable=false'],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    if (status !== 0) process.exit(1);
    return withoutUnused(readFileSync(output, 'utf8'));
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Takes out the types that the client does not use: those of paths, and of headers and cookies. */
function withoutUnused(types: string): string {
  return types
    .replace(/^\/\*\*[\s\S]*?\*\/\n/, '')
    .replace(/^export interface paths \{\n[\s\S]*?^\}\n/m, '')
    .replace(/^export type (?:webhooks|\$defs) = .*\n/gm, '')
    .replace(/^ *(?:header|cookie|headers|parameters|requestBodies|pathItems)\??: never;\n/gm, '')
    .replace(/^ *headers: \{\n *\[name: string\]: unknown;\n *\};\n/gm, '')
    .replace(/^ +/gm, (spaces) => ' '.repeat(Math.ceil(spaces.length / 2)))
    .trimStart();
}
