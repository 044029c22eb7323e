/** The client as its users get it: up to date, small, quick to check, and without anything of one platform. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { bundle } from '../../../clients/typescript/bundle.ts';
import { type Document, describedApi, hashOf, neededBy } from '../../../clients/typescript/generate/document.ts';
import { operationsFile } from '../../../clients/typescript/generate/operations.ts';

const CLIENT = join(import.meta.dirname, '../../../clients/typescript');
const read = (path: string): string => readFileSync(join(CLIENT, path), 'utf8');
const KIB = 1_024;

describe('the generated files', () => {
  const text = describedApi();
  const hash = hashOf(neededBy(text));

  test.each(['operations.ts', 'schema.ts'])(
    '%s is of the present API; otherwise run `npm run client:generate`',
    (file) => {
      expect(read(`src/from-openapi/${file}`).split('\n')[1]).toBe(`// ${hash}`);
    },
  );

  test('operations.ts is what its generator makes', () => {
    const [, , , ...lines] = read('src/from-openapi/operations.ts').split('\n');
    expect(lines.join('\n')).toBe(operationsFile(JSON.parse(text) as Document));
  });

  test.each<[string, object]>([
    [
      'two values of one name',
      {
        parameters: [
          { name: 'id', in: 'path' },
          { name: 'id', in: 'query' },
        ],
      },
    ],
    ['a value that is named as the body', { parameters: [{ name: 'body', in: 'query' }] }],
    ['a body of another type', { requestBody: { content: { 'image/png': { schema: {} } } } }],
  ])('an operation with %s is refused', (_name, more) => {
    const operation = { operationId: 'boats.get', summary: 'Get a boat', responses: {}, ...more };
    const document = { openapi: '3.1.0', info: {}, components: {}, paths: { '/boats/{id}': { get: operation } } };
    expect(() => operationsFile(document as Document)).toThrow('The client cannot send');
  });
});

test('the bundle is below 6 KiB after gzip, and imports nothing', async () => {
  const { code, imports } = await bundle('src/index.ts', { minify: true });
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(6 * KIB);
  expect(imports).toEqual([]);
});

test('a file that uses ten operations is checked with at most 200,000 instantiations, without types of Node', () => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const args = [tsc, '-p', join(CLIENT, 'example'), '--noEmit', '--extendedDiagnostics'];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect([status, stdout.match(/error TS.*/g)]).toEqual([0, null]);
  const example = read('example/ten-operations.ts');
  expect(new Set(example.match(/\bapi\.\w+\.\w+\(/g)).size).toBeGreaterThanOrEqual(10);
  expect(Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1])).toBeLessThanOrEqual(200_000);
});

test('no module of the client imports a package or a part of Node', () => {
  const files = readdirSync(join(CLIENT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const imports = files.flatMap((file) => [...read(`src/${file}`).matchAll(/^(?:import|export) .* from '([^']+)'/gm)]);
  expect(files.length).toBeGreaterThan(10);
  expect(imports.map(([, from]) => from).filter((from) => !from?.startsWith('.'))).toEqual([]);
});
