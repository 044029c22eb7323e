/** The parent's side of a runner: starts the process, sends orders, and kills it with its children when it hangs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Order, RunReport } from './runner.ts';

/** A run that did not end in time. */
export const HUNG = 'hung';

/** One copy of the project with a process that runs its tests. */
export interface Runner {
  /** Starts the process and its local cloud, unless they run already. */
  start(): Promise<void>;
  /** Runs a test file; gives {@link HUNG} if it has not ended after the limit in ms. */
  run(file: string, limitMs: number): Promise<RunReport | typeof HUNG>;
  /** Writes a file of the copy. */
  write(file: string, text: string): Promise<void>;
  /** Ends the process; the next order starts another one, with a local cloud of its own. */
  end(): Promise<void>;
  /** How often a process was started. */
  readonly starts: number;
}

/** How long a process may take to start, or to see a change, in ms. */
const START_LIMIT_MS = 300_000;

/** A runner for a tree. The process starts with the first order. */
export function createRunner(tree: string, environment: Record<string, string> = {}): Runner {
  let child: ChildProcess | undefined;
  let starts = 0;

  async function started(): Promise<ChildProcess> {
    if (child?.connected) return child;
    starts += 1;
    const own = spawn(process.execPath, [join(import.meta.dirname, 'runner.ts')], {
      cwd: tree,
      env: { ...process.env, ...environment, NODE_ENV: 'test' },
      // A process group of its own, so that the workers end with the process.
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child = own;
    if ((await answer(own, START_LIMIT_MS)) !== 'ready') throw new Error('A runner did not start');
    return own;
  }

  async function end(): Promise<void> {
    const own = child;
    child = undefined;
    if (own?.pid === undefined || own.exitCode !== null) return;
    const ended = new Promise((resolve) => own.once('exit', resolve));
    try {
      process.kill(-own.pid, 'SIGKILL');
    } catch {
      // The process has already ended.
      return;
    }
    await ended;
  }

  process.once('exit', () => {
    if (child?.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The process has already ended.
    }
  });

  return {
    get starts() {
      return starts;
    },
    async start() {
      await started();
    },
    async run(file, limitMs) {
      const own = await started();
      own.send({ run: file } satisfies Order);
      const report = await answer(own, limitMs);
      if (report === undefined) await end();
      return report === undefined ? HUNG : (report as RunReport);
    },
    async write(file, text) {
      writeFileSync(join(tree, file), text);
      if (!child?.connected) return;
      child.send({ changed: file } satisfies Order);
      if ((await answer(child, START_LIMIT_MS)) === undefined) await end();
    },
    end,
  };
}

/** The next message; `undefined` if the time is over or the process ends before it. */
function answer(child: ChildProcess, limitMs: number): Promise<unknown> {
  return new Promise((resolve) => {
    const settle = (message?: unknown) => {
      clearTimeout(timer);
      child.off('message', settle);
      child.off('exit', gone);
      resolve(message);
    };
    const gone = () => settle();
    const timer = setTimeout(gone, limitMs);
    child.on('message', settle);
    child.once('exit', gone);
  });
}
