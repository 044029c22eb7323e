/** Copies of the project under the system's temporary folder, in which files may be changed and tests run. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { digest } from './mutant.ts';

/** The root of the project. */
export const ROOT = join(import.meta.dirname, '../..');
/** The folder that keeps results from run to run. Git ignores it. */
export const CACHE = join(ROOT, '.mutants');
/** Made by `npm run db:generate`; Git ignores it. */
const GENERATED = 'src/generated';

/** A test that only the copies have: it lets the local cloud start before any file is changed. */
export const WARM_UPS = ['test/platform/warm-up.test.ts', 'test/chaos/warm-up.test.ts'];
const WARM_UP = "import { test } from 'vitest';\ntest('starts the local cloud', () => {});\n";

/** The files of the project that Git knows or would add, by their paths. */
export function projectFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' });
  return listed.split('\n').filter((file) => file !== '' && read(join(ROOT, file)) !== undefined);
}

/** The files of the product that have mutants. */
export function productFiles(): string[] {
  return projectFiles().filter((file) => file.startsWith('src/') && file.endsWith('.ts') && !file.endsWith('.d.ts'));
}

/** The only suite of `edge` that runs in Node. The others run a bundle in workerd and are left out. */
const EDGE_IN_NODE = 'test/edge/isolate-pool.test.ts';

/** The test files whose failure kills a mutant. */
export function testFiles(): string[] {
  return projectFiles().filter((file) => /^test\/(?!edge\/).*\.test\.ts$/.test(file) || file === EDGE_IN_NODE);
}

/**
 * Updates a copy and returns its path. Only changed files are written.
 * @param changed texts that replace the project's own.
 */
export function copyTree(name: string, changed: ReadonlyMap<string, string> = new Map()): string {
  const tree = join(tmpdir(), `holdfast-mutants-${digest(ROOT)}`, name);
  const generated = readdirSync(join(ROOT, GENERATED), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
  const wanted = new Set([...projectFiles(), ...generated, ...WARM_UPS]);
  const texts = new Map([...changed, ...WARM_UPS.map((file) => [file, WARM_UP] as const)]);
  for (const file of wanted) {
    const own = texts.get(file);
    const text = own === undefined ? read(join(ROOT, file)) : Buffer.from(own);
    if (text && !read(join(tree, file))?.equals(text)) {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      writeFileSync(join(tree, file), text);
    }
  }
  for (const part of ['src', 'test']) {
    for (const entry of readdirSync(join(tree, part), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !wanted.has(relative(tree, path))) rmSync(path);
    }
  }
  link(tree);
  writeFileSync(join(tree, 'vitest.config.ts'), configOf());
  writeFileSync(join(tree, 'vitest.original.ts'), readFileSync(join(ROOT, 'vitest.config.ts')));
  return tree;
}

function link(tree: string): void {
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The project's own settings, one file at a time, without the suites that run a bundle, and without building it. */
function configOf(): string {
  return `import original from './vitest.original.ts';
const setupFiles = process.env.MUTANTS_COVERAGE ? ['test/mutants/record-coverage.ts'] : [];
const { projects, ...rest } = original.test;
export default {
  ...original,
  test: {
    ...rest,
    maxWorkers: 1,
    bail: process.env.MUTANTS_COVERAGE ? 0 : 1,
    projects: projects.map(({ test, ...own }) => {
      const edge = { include: ['${EDGE_IN_NODE}'], globalSetup: 'test/support/local-cloud.ts' };
      return { ...own, test: { ...test, ...(test.name === 'edge' ? edge : {}), setupFiles } };
    }),
  },
};
`;
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
