/**
 * Builds the Worker's bundle of this tree, and the bundle of an earlier commit, in the form that `npx wrangler
 * deploy` uploads. Both builds use the packages that are installed here, so that the bundles differ only in the
 * project's code.
 */
import { join } from 'node:path';
import { BUNDLES, extractCommit, must, ROOT } from './commit.ts';

/** Builds this tree's bundle and returns its path. */
export function buildHere(): string {
  return build(ROOT, join(BUNDLES, 'here'));
}

/** Builds the bundle of a commit and returns its path, or `null` if the commit is not in this clone. */
export function buildCommit(commit: string): string | null {
  const folder = extractCommit(commit);
  return folder === null ? null : build(folder, join(folder, 'dist/worker'));
}

function build(folder: string, target: string): string {
  const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
  must(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', target], folder);
  return join(target, 'cloudflare.js');
}
