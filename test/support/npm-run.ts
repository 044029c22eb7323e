/** Runs a command of package.json as a person does, and tells what it said. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export interface CommandResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** `npm run -s <command> -- <args>`. Of the servers that a suite may be run on, it knows only what `env` names. */
export async function npmRun(
  command: string,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
): Promise<CommandResult> {
  const { REDIS_URL: _redis, DATABASE_URL: _database, ...rest } = process.env;
  const words = ['run', '-s', command, ...(args.length > 0 ? ['--', ...args] : [])];
  const child = spawn('npm', words, {
    cwd: ROOT,
    env: { ...rest, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  const result: CommandResult = { status: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    result.stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    result.stderr += chunk;
  });
  result.status = await new Promise((done) => child.once('close', done));
  return result;
}
