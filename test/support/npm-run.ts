/** Runs commands of package.json and returns their output. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

export interface CommandResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

interface Options {
  args?: string[];
  env?: Record<string, string>;
}

/** Runs `npm run -s <command> -- <args>`, without the suite's variables for real servers, except those in `env`. */
export function npmRun(command: string, { args = [], env }: Options = {}): Promise<CommandResult> {
  return run('npm', ['run', '-s', command, ...(args.length > 0 ? ['--', ...args] : [])], env);
}

/**
 * The same without npm, which takes twice as long as most commands: runs the program of the command in package.json,
 * without the part with which every command begins.
 */
export async function runProgram(command: string, { args = [], env }: Options = {}): Promise<CommandResult> {
  const program = /^npm run -s (?:node|db:generate) && node (.+)$/.exec(scripts[command] ?? '')?.[1];
  if (program === undefined) throw new Error(`${command} is no program of package.json`);
  return run(process.execPath, [...program.split(' '), ...args], env);
}

async function run(program: string, words: string[], env: Record<string, string> = {}): Promise<CommandResult> {
  const { REDIS_URL: _redis, DATABASE_URL: _database, ...rest } = process.env;
  const child = spawn(program, words, {
    cwd: ROOT,
    env: { ...rest, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: program === 'npm' && process.platform === 'win32',
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
