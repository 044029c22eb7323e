/** The Nodes and npms that an install is tried with, from the registry, in a folder of their own. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** npm 12 does not support Node 20. */
export const PAIRS: readonly { node: string; npm: string }[] = [
  { node: '20', npm: '10' },
  { node: '20', npm: '11' },
  ...['22', '24'].flatMap((node) => ['10', '11', '12'].map((npm) => ({ node, npm }))),
];

/** The Nodes that the package's manifest names. */
export const PACKAGE_PAIRS: readonly { node: string; npm: string }[] = ['22', '24'].map((node) => ({
  node,
  npm: '11',
}));

/** A Node with an npm. */
export interface Toolchain {
  /** Their exact versions. */
  node: string;
  npm: string;
  /** The file of this Node. */
  nodePath: string;
  /** An environment with these `node` and `npm`, and without the variables of the npm that runs this script. */
  env: NodeJS.ProcessEnv;
}

/** Installs a Node and an npm below a folder, unless they are there. */
export function openToolchain(folder: string, pair: { node: string; npm: string }): Toolchain {
  const nodePackage = `node-${process.platform}-${process.arch}`;
  const node = install(folder, nodePackage, pair.node);
  const npm = install(folder, 'npm', pair.npm);
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD$|NODE$|NODE_OPTIONS$)/i.test(name),
  );
  // Without the folders that npm added in front for this script.
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((each) => !each.includes('node_modules'));
  const nodeBin = join(node.folder, 'node_modules', nodePackage, 'bin');
  const PATH = [nodeBin, join(npm.folder, 'node_modules/.bin'), ...path].join(delimiter);
  const nodePath = join(nodeBin, 'node');
  return { node: node.version, npm: npm.version, nodePath, env: { ...Object.fromEntries(inherited), PATH } };
}

function install(parent: string, name: string, version: string): { folder: string; version: string } {
  const folder = join(parent, `${name}-${version}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const { status } = spawnSync('npm', ['install', `${name}@${version}`, ...flags], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${name}@${version} could not be installed`);
  const manifest = readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8');
  return { folder, version: (JSON.parse(manifest) as { version: string }).version };
}
