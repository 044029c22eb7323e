/**
 * The files of `/docs` in development: generated in a process of their own, because this loads the whole application.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BUILD = fileURLToPath(new URL('../build/assets.ts', import.meta.url));

/** Generates the files. If that fails, the previous files stay, and one line gives the reason. */
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
