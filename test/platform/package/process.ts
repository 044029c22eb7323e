/** A process of the installed application or of the package's command, which says in a line of JSON that it is ready. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** See above. */
export interface Running<Ready> {
  ready: Ready;
  /** Ends it with a signal, by default SIGTERM; resolves with its exit code. */
  close(signal?: NodeJS.Signals): Promise<number | null>;
}

/**
 * Starts a program and waits until it is ready.
 * @throws {Error} with its output if it ends before that.
 */
export async function startProgram<Ready>(
  [program, ...words]: [string, ...string[]],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Running<Ready>> {
  const { REDIS_URL: _redis, DATABASE_URL: _database, NODE_OPTIONS: _options, ...rest } = process.env;
  const child = spawn(program, words, { cwd, env: { ...rest, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const said: string[] = [];
  const keep = (line: string) => void said.push(line);
  createInterface({ input: child.stderr }).on('line', keep);
  const ready = await new Promise<Ready>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      keep(line);
      if (line.startsWith('{"ready":true')) resolve(JSON.parse(line) as Ready);
    });
    child.once('error', reject);
    void exited.then(([code]) => reject(new Error(`${program} ended with ${code}: ${said.join('\n')}`)));
  });
  return {
    ready,
    async close(signal = 'SIGTERM') {
      child.kill(signal);
      return (await exited)[0];
    },
  };
}
