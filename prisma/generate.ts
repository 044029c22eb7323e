/**
 * `npm run db:generate`: generates the Prisma clients from `schema.prisma`, unless the clients are up to date.
 * The Prisma CLI looks for the schema engine, a binary file. If the CLI does not find that file, the CLI downloads it.
 * The command `generate` never runs the schema engine. So the environment variable names another executable file, and
 * the CLI downloads nothing.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = `${root}src/generated`;
const stampFile = `${output}/schema.sha256`;

/** Generates the clients if they are missing or out of date. Returns true if the clients were generated. */
export function generateClients(): boolean {
  const require = createRequire(import.meta.url);
  const prismaPackage = require.resolve('prisma/package.json');
  const stamp = createHash('sha256')
    .update(readFileSync(`${root}prisma/schema.prisma`))
    .update(readFileSync(prismaPackage))
    .update(readFileSync(import.meta.filename))
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
  writeFileSync(stampFile, stamp);
  return true;
}

if (import.meta.main && generateClients()) console.log('Generated the Prisma clients in src/generated');
