/**
 * Makes `node` the project's Node; every script of package.json starts with this file. A package with the Node for this
 * machine is installed as a dependency. npm 10 does not link the command of this package, because the packages for
 * other machines have the same command, so this file links it. If no such package is installed and the running Node is
 * too old, this file prints a sentence instead of a stack trace. The file is plain JavaScript for any Node since 16.
 */
import fs from 'node:fs';
import path from 'node:path';
import url from 'node:url';

const needed = 24;
const isWindows = process.platform === 'win32';
const modules = path.join(path.dirname(url.fileURLToPath(import.meta.url)), '../../node_modules');

/** Links the installed Node, and returns false if no package with a Node is installed. */
function linkOwnNode() {
  const name = isWindows ? 'node.exe' : 'node';
  const link = path.join(modules, '.bin', name);
  for (const prefix of ['node', 'node-bin']) {
    const own = [prefix, isWindows ? 'win' : process.platform, process.arch].join('-');
    const target = path.join(modules, own, 'bin', name);
    if (!fs.existsSync(target)) continue;
    if (fs.existsSync(link)) return true;
    if (isWindows) fs.linkSync(target, link);
    else fs.symlinkSync(path.join('..', own, 'bin', name), link);
    return true;
  }
  return false;
}

if (!linkOwnNode() && Number(process.versions.node.split('.')[0]) < needed) {
  console.error(
    `This is Node ${process.versions.node}, and Holdfast runs on Node ${needed} or newer: \`npm install\` brings one along (with optional dependencies), or install it yourself.`,
  );
  process.exit(1);
}
