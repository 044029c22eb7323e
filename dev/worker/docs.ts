/**
 * Generates the files of `/docs` in development, in a child process, because this work loads the whole application.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BUILD = fileURLToPath(new URL('../build/assets.ts', import.meta.url));

/** Generates the files. After a failure the previous files stay, and one log line gives the reason. */
export async function buildDocs(log: (line: string) => void): Promise<void> {
  const child = spawn(process.execPath, [BUILD], { stdio: ['ignore', 'ignore', 'pipe'] });
  let problem = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    problem += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  const reason = problem.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? `code ${code}`;
  log(`docs: the API description was not updated: ${reason}`);
}
