/** A fresh clone, in which the README's commands for a newcomer run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Toolchain } from './versions.ts';

/** How each step ended: `ok`, or what was wrong. */
export interface Outcome {
  install: string;
  warnings: string;
  test: string;
  dev: string;
  ci: string;
  status: string;
}

/** The used part of the last line that `npm run dev` prints when it is ready. */
interface Ready {
  api: string;
  demoKey: string;
}

const SMALL_TEST = 'test/unit/system.test.ts';

/** Clones the repository at `root` to `folder` and tries it there. */
export async function tryClone(root: string, folder: string, { env }: Toolchain): Promise<Outcome> {
  const run = (...words: [string, ...string[]]) => finish(start(words, folder, env));
  const cloned = await finish(start(['git', 'clone', '--quiet', root, folder], root, env));
  if (cloned.code !== 0) throw new Error(cloned.output);
  const installed = await run('npm', 'install');
  // Warnings about the machine's own npm settings do not concern this project.
  const warnings = installed.output.split('\n').filter((line) => /^npm warn (?!Unknown )/.test(line));
  const tested = await run('npm', 'test', '--', SMALL_TEST);
  const dev = await tryDev(folder, env);
  const ci = await run('npm', 'ci', '--dry-run');
  const status = await run('git', 'status', '--porcelain');
  return {
    install: verdict(installed),
    warnings: String(warnings.length),
    test: verdict(tested),
    dev,
    ci: verdict(ci),
    status: status.output.trim() === '' ? 'clean' : status.output.trim(),
  };
}

/** Starts `npm run dev`, requests a page for people and one for programs, and ends the command. */
async function tryDev(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const dev = start(['npm', 'run', 'dev'], folder, env);
  const exited = once(dev, 'exit');
  const ready = await readyLine(dev);
  try {
    if (ready === undefined) return 'it ended before it was ready';
    const headers = { authorization: `Bearer ${ready.demoKey}` };
    const answers = await Promise.all([
      fetch(`${ready.api}/docs`),
      fetch(`${ready.api}/deals/pipeline`, { headers }),
      fetch(`${ready.api}/health/ready`),
    ]);
    const statuses = answers.map(({ status }) => status);
    return statuses.every((status) => status === 200) ? 'ok' : `it answered ${statuses.join(', ')}`;
  } finally {
    if (dev.pid !== undefined && dev.exitCode === null) process.kill(-dev.pid, 'SIGINT');
    await exited;
  }
}

async function readyLine(child: ChildProcess): Promise<Ready | undefined> {
  child.stderr?.resume();
  if (!child.stdout) return undefined;
  let found: Ready | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{"ready":true')) continue;
    found = JSON.parse(line) as Ready;
    break;
  }
  child.stdout.resume();
  return found;
}

/** Starts a process group of its own, so that it can be ended together with its children. */
function start([command, ...args]: [string, ...string[]], cwd: string, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function finish(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

function verdict({ code, output }: { code: number | null; output: string }): string {
  return code === 0 ? 'ok' : `exit code ${code}: ${output.trim().split('\n').slice(-3).join(' ')}`;
}

/** The folder in which a pair is tried. */
export function cloneFolder(parent: string, { node, npm }: Toolchain): string {
  return join(parent, `node-${node}-npm-${npm}`);
}
