/**
 * `npm run matrix`: runs the README's first commands in a fresh clone of the committed tree, with each supported pair of
 * Node and npm, and writes the table of docs/install.md. Needs a registry and some minutes for each pair.
 * `-- --only=22/12` tries one pair and only prints, `-- --package` tries only the package, with each Node it is for.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { packPackage } from '../platform/package/installation.ts';
import { cloneFolder, tryClone } from './try-clone.ts';
import { tryPackage } from './try-package.ts';
import { openToolchain, PACKAGE_PAIRS, PAIRS } from './versions.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENT = join(ROOT, 'docs/install.md');
const HEAD = [
  '| Node | npm | `npm install` | warnings | `npm test -- <file>` | `npm run dev` | `npm ci --dry-run` | `git status` |',
  '|---|---|---|---|---|---|---|---|',
];
const PACKAGE_HEAD = ['| Node | npm | package |', '|---|---|---|'];

const { values } = parseArgs({ options: { only: { type: 'string' }, package: { type: 'boolean' } } });
const isAsked = ({ node, npm }: { node: string; npm: string }) => [undefined, `${node}/${npm}`].includes(values.only);
const pairs = values.package ? [] : PAIRS.filter(isAsked);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-matrix-'));
const rows: string[] = [];
const packageRows: string[] = [];
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
  const tarball = await packPackage();
  for (const pair of PACKAGE_PAIRS.filter(isAsked)) {
    const toolchain = openToolchain(folder, pair);
    const outcome = await tryPackage(ROOT, join(folder, `package-${pair.node}`), tarball, toolchain);
    packageRows.push(`| ${toolchain.node} | ${toolchain.npm} | ${outcome} |`);
    console.log(packageRows.at(-1));
    if (outcome !== 'ok') process.exitCode = 1;
  }
  rmSync(dirname(tarball), { recursive: true, force: true });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (values.only === undefined) {
  let text = readFileSync(DOCUMENT, 'utf8');
  if (rows.length > 0) text = text.replace(/\| Node \| npm \| `npm install` [\s\S]*?\n(?=\n|$)/, table(HEAD, rows));
  text = text.replace(/\| Node \| npm \| package [\s\S]*?\n(?=\n|$)/, table(PACKAGE_HEAD, packageRows));
  writeFileSync(DOCUMENT, text);
}

function table(head: readonly string[], body: readonly string[]): string {
  return `${[...head, ...body].join('\n')}\n`;
}
