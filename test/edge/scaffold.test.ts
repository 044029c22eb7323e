/**
 * A new domain in a copy of the tree: its folder, its line in `src/app/modules.ts` and its table in `schema.prisma` are
 * all it takes. The domain is `test/scaffold/fleet`, and its own test runs in the copy.
 */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const FLEET = join(ROOT, 'test/scaffold/fleet');
/** Not part of the source: packages, results of builds, data of the local cloud. */
const LEFT_OUT = /(^|\/)node_modules(\/|$)|^(\.git|\.wrangler|\.holdfast|dist|coverage)(\/|$)/;

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'holdfast-scaffold-'));
  cpSync(ROOT, copy, { recursive: true, filter: (path) => !LEFT_OUT.test(relative(ROOT, path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

  cpSync(FLEET, join(copy, 'src/fleet'), { recursive: true, filter: (path) => !/\.(test\.ts|prisma)$/.test(path) });
  cpSync(join(FLEET, 'fleet.test.ts'), join(copy, 'test/platform/fleet/fleet.test.ts'));
  replaceIn(
    'src/app/modules.ts',
    'import { identity }',
    "import { fleet } from '../fleet/index.ts';\nimport { identity }",
  );
  replaceIn('src/app/modules.ts', 'crm, care]', 'crm, care, fleet]');
  replaceIn('prisma/schema.prisma', /( webhooks +Webhook\[\]\n)/, '$1  vehicles       Vehicle[]\n');
  appendFileSync(join(copy, 'prisma/schema.prisma'), readFileSync(join(FLEET, 'vehicle.prisma')));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

function replaceIn(path: string, before: string | RegExp, after: string): void {
  const text = readFileSync(join(copy, path), 'utf8');
  const replaced = text.replace(before, after);
  expect(replaced, `${path} has a place for the domain`).not.toBe(text);
  writeFileSync(join(copy, path), replaced);
}

/** Runs a command in the copy. Its output is part of the message if it fails. */
function run(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
  expect(status, `${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
}

/** Files of the copy that differ from the tree or are not in it. */
function changedFiles(): string[] {
  return readdirSync(copy, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(copy, join(entry.parentPath, entry.name)))
    .filter((path) => !LEFT_OUT.test(path) && !path.startsWith('src/generated/'))
    .filter((path) => textOf(join(copy, path)) !== textOf(join(ROOT, path)));
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

// It runs three compilers and a suite, one after the other: on a busy machine that takes minutes.
const PATIENCE_MS = 1_200_000;

test(
  'a domain compiles, works, and changes only its own folder, the list of modules and the schema',
  () => {
    run('dev/commands/db-migration.ts', 'add_vehicles');
    run('prisma/generate.ts');
    run('node_modules/typescript/bin/tsc', '--noEmit', '--incremental', 'false');
    run('node_modules/vitest/vitest.mjs', 'run', '--project', 'platform', 'test/platform/fleet');

    const others = changedFiles().filter((path) => !/^(src|test\/platform)\/fleet\//.test(path));
    const [migration, ...rest] = others.filter((path) => path.startsWith('prisma/migrations/'));
    expect(rest).toEqual([]);
    expect(migration).toMatch(/^prisma\/migrations\/\d{14}_add_vehicles\/migration\.sql$/);
    expect(others.filter((path) => path !== migration).sort()).toEqual(['prisma/schema.prisma', 'src/app/modules.ts']);
  },
  PATIENCE_MS,
);
