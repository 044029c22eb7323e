/** Starts installed server programs, with free ports and temporary directories. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Returns the output of a program, or `null` if the program cannot run or fails. */
export function outputOf(program: string, ...args: string[]): string | null {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** Creates a directory that other users may pass through, and returns its path and a function that removes it. */
export function temporaryDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  chmodSync(path, 0o711);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts a program that runs until `stop` is called or this process exits. */
export function startProgram(program: string, args: readonly string[]) {
  const child: ChildProcess = spawn(program, args, { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = () => void child.kill();
  process.once('exit', kill);
  return {
    async stop() {
      process.off('exit', kill);
      child.kill();
      await exited;
    },
  };
}
