/**
 * `npm run matrix`: runs the README's first commands in a fresh clone of the committed tree, with each supported pair of
 * Node and npm, and writes the table of docs/install.md. Needs a registry and some minutes for each pair.
 * `-- --only=22/12` tries one pair and only prints.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cloneFolder, tryClone } from './try-clone.ts';
import { openToolchain, PAIRS } from './versions.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENT = join(ROOT, 'docs/install.md');
const HEAD = [
  '| Node | npm | `npm install` | warnings | `npm test -- <file>` | `npm run dev` | `npm ci --dry-run` | `git status` |',
  '|---|---|---|---|---|---|---|---|',
];

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const pairs = PAIRS.filter(({ node, npm }) => values.only === undefined || values.only === `${node}/${npm}`);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-matrix-'));
const rows: string[] = [];
try {
  for (const pair of pairs) {
    const toolchain = openToolchain(folder, pair);
    const clone = cloneFolder(folder, toolchain);
    const { install, warnings, test, dev, ci, status } = await tryClone(ROOT, clone, toolchain);
    rows.push(`| ${[toolchain.node, toolchain.npm, install, warnings, test, dev, ci, status].join(' | ')} |`);
    console.log(rows.at(-1));
    if ([install, test, dev, ci].some((each) => each !== 'ok') || status !== 'clean') process.exitCode = 1;
    rmSync(clone, { recursive: true, force: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (values.only === undefined) {
  const text = readFileSync(DOCUMENT, 'utf8');
  writeFileSync(DOCUMENT, text.replace(/\| Node \| npm [\s\S]*?\n(?=\n|$)/, `${[...HEAD, ...rows].join('\n')}\n`));
}
