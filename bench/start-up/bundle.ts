/**
 * Builds the Worker's bundle of this tree, and the bundle of an earlier commit, in the form that `npx wrangler
 * deploy` uploads. Both builds use the packages that are installed here, so that the bundles differ only in the
 * project's code.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUNDLES = join(ROOT, 'dist/bench');

/** Builds this tree's bundle and returns its path. */
export function buildHere(): string {
  return build(ROOT, join(BUNDLES, 'here'));
}

/** Builds the bundle of a commit and returns its path, or `null` if the commit is not in this clone. */
export function buildCommit(commit: string): string | null {
  const folder = checkOut(commit);
  return folder && build(folder, join(folder, 'dist/worker'));
}

/**
 * Writes the files of a commit to a folder, which uses the packages that are installed here, and returns its path, or
 * `null` if the commit is not in this clone.
 */
export function checkOut(commit: string): string | null {
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

function build(folder: string, target: string): string {
  const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
  must(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', target], folder);
  return join(target, 'cloudflare.js');
}

function must(command: string, args: readonly string[], cwd: string, input?: Buffer): Buffer {
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
