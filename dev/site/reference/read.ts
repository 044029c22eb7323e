/**
 * The reference of the package: TypeDoc reads the comments of the public rooms and writes a Markdown file for each. The
 * first run installs TypeDoc in this folder's own package, because TypeDoc needs an older TypeScript than the project.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOMS } from '../../../package/rooms.ts';
import type { Page } from '../pages.ts';

const FOLDER = import.meta.dirname;
const TYPEDOC = join(FOLDER, 'node_modules/typedoc');

/** Thrown if TypeDoc cannot be installed, or does not accept the sources. */
export class NoReferenceError extends Error {
  override readonly name = 'NoReferenceError';
  readonly code: 'NO_REGISTRY' | 'NOT_READ';

  constructor(code: 'NO_REGISTRY' | 'NOT_READ', message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Returns a page for each room.
 *
 * @throws NoReferenceError `NO_REGISTRY` if TypeDoc cannot be installed, `NOT_READ` if it refuses the sources
 */
export function readReference(root: string): Page[] {
  install();
  const out = mkdtempSync(join(tmpdir(), 'holdfast-reference-'));
  try {
    runTypedoc(root, out);
    return Object.entries(ROOMS).map(([entry, source]) => {
      const made = readFileSync(join(out, fileOf(source)), 'utf8');
      const name = entry === '.' ? 'holdfast' : entry.replace('.', 'holdfast');
      const markdown = made.replace(/^# .*$/m, `# ${name}`).replaceAll(/\]\(([\w.-]+\.md)(?=[#)])/g, linkToRoom);
      return { source: sourceOf(entry), address: sourceOf(entry).replace(/md$/, 'html'), markdown };
    });
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** The name that TypeDoc gives to the file of a room. */
function fileOf(source: string): string {
  return `${source.replace(/(?:\/index)?\.ts$/, '').replaceAll('/', '.')}.md`;
}

/** The path that the page of an entry would have in the repository. */
function sourceOf(entry: string): string {
  return `reference/${entry === '.' ? 'holdfast' : entry.slice(2).replaceAll('/', '-')}.md`;
}

function linkToRoom(link: string, file: string): string {
  const [entry] = Object.entries(ROOMS).find(([, source]) => fileOf(source) === file) ?? [];
  return entry === undefined ? link : `](${sourceOf(entry).replace('reference/', '')}`;
}

function runTypedoc(root: string, out: string): void {
  const config = join(root, 'package/tsconfig.reference.json');
  const files = Object.values(ROOMS).map((source) => join(root, source));
  const options = join(out, 'typedoc.json');
  writeFileSync(config, JSON.stringify({ extends: '../tsconfig.json', files, include: [] }));
  writeFileSync(
    options,
    JSON.stringify({
      ...JSON.parse(readFileSync(join(FOLDER, 'typedoc.json'), 'utf8')),
      plugin: [join(FOLDER, 'node_modules/typedoc-plugin-markdown/dist/index.js')],
      entryPoints: files,
      tsconfig: config,
      basePath: root,
      out,
    }),
  );
  try {
    const { status, stderr } = spawnSync(process.execPath, [join(TYPEDOC, 'bin/typedoc'), '--options', options], {
      cwd: root,
      encoding: 'utf8',
    });
    if (status !== 0) throw new NoReferenceError('NOT_READ', `TypeDoc does not accept the sources:\n${stderr}`);
  } finally {
    rmSync(config);
  }
}

/** Installs TypeDoc, unless it is there in the wanted version. */
function install(): void {
  const readJson = (file: string) => JSON.parse(existsSync(file) ? readFileSync(file, 'utf8') : '{}');
  const { devDependencies } = readJson(join(FOLDER, 'package.json'));
  if (readJson(join(TYPEDOC, 'package.json')).version === devDependencies.typedoc) return;
  console.error('Installing TypeDoc in dev/site/reference/node_modules (once)');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: FOLDER,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  throw new NoReferenceError(
    'NO_REGISTRY',
    'That did not work. `npm run docs` needs a package registry the first time it runs; `-- --no-reference` leaves the reference out.',
  );
}
