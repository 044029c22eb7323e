/**
 * Puts the tree of an earlier commit into a folder of its own, with this tree's packages and with its own Prisma client,
 * so that a measurement of both differs only in the project's code.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The commit with which start-up and writes are compared. */
export const REFERENCE = 'e875c5f954839311754ea9dbc440be31c83bab14';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The folder of bundles and of earlier trees. */
export const BUNDLES = join(ROOT, 'dist/bench');

/** Returns the folder with the tree of a commit, or `null` if the commit is not in this clone. */
export function extractCommit(commit: string): string | null {
  if (spawnSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: ROOT }).status !== 0) return null;
  const folder = join(BUNDLES, commit);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const archive = must('git', ['archive', commit], ROOT);
  must('tar', ['-x'], folder, archive);
  for (const modules of ['node_modules', 'bench/node_modules']) {
    symlinkSync(join(ROOT, modules), join(folder, modules), 'junction');
  }
  must(process.execPath, ['prisma/generate.ts'], folder);
  return folder;
}

/**
 * Runs a program and returns its output.
 * @throws {Error} with the program's errors if it fails
 */
export function must(command: string, args: readonly string[], cwd: string, input?: Buffer): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    maxBuffer: 2 ** 30,
    // This Node is first in PATH, because wrangler runs a build command of its configuration.
    env: {
      ...process.env,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
      WRANGLER_SEND_METRICS: 'false',
    },
    ...(input ? { input } : {}),
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr.toString()}`);
  return stdout;
}
