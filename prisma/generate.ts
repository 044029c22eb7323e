/**
 * `npm run db:generate`: generates the Prisma clients from `schema.prisma`, unless they are up to date. The Prisma
 * CLI requires a schema engine binary, which `generate` never runs but would download; naming any executable instead
 * keeps this offline.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { withoutNestedWrites } from './plan-graph.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = `${root}src/generated`;
const stampFile = `${output}/schema.sha256`;

/** Generates the clients if they are missing or out of date. Returns whether it did. */
export function generateClients(): boolean {
  const require = createRequire(import.meta.url);
  const prismaPackage = require.resolve('prisma/package.json');
  const stamp = createHash('sha256')
    .update(readFileSync(`${root}prisma/schema.prisma`))
    .update(readFileSync(prismaPackage))
    .update(readFileSync(import.meta.filename))
    .update(readFileSync(`${root}prisma/plan-graph.ts`))
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return false;

  rmSync(output, { recursive: true, force: true });
  const cli = prismaPackage.replace(/package\.json$/, 'build/index.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'generate', '--no-hints'], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
  if (status !== 0) throw new Error(`prisma generate failed:\n${stdout}${stderr}`);
  for (const platform of ['workerd', 'node']) {
    const file = `${output}/${platform}/internal/class.ts`;
    writeFileSync(file, dropNestedWrites(dropComments(readFileSync(file, 'utf8'))));
  }
  writeFileSync(stampFile, stamp);
  return true;
}

/**
 * Removes the comments of the schema's text in a client, which its query compiler ignores: 1.6 KiB of the Worker's
 * upload.
 */
function dropComments(code: string): string {
  const [whole, name, schema] = /("inlineSchema": )("(?:[^"\\]|\\.)*")/.exec(code) ?? [];
  if (!whole || !name || !schema) throw new Error('The generated client has no schema');
  const withoutComments = (JSON.parse(schema) as string).replace(/^[ \t]*\/\/.*\n/gm, '');
  return code.replace(whole, () => name + JSON.stringify(withoutComments));
}

/** See `plan-graph.ts`: 16 KiB of the Worker's upload. */
function dropNestedWrites(code: string): string {
  const [, names] = /strings: JSON\.parse\(("(?:[^"\\]|\\.)*")\)/.exec(code) ?? [];
  const [whole, graph] = /graph: "([\w-]+)"/.exec(code) ?? [];
  if (!names || !whole || !graph) throw new Error('The generated client has no graph of query plans');
  const known = JSON.parse(JSON.parse(names) as string) as string[];
  return code.replace(whole, () => `graph: "${withoutNestedWrites(graph, known)}"`);
}

if (import.meta.main && generateClients()) console.log('Generated the Prisma clients in src/generated');
