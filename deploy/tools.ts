/** The programs that a deployment starts: each with this Node, from this checkout, with the variables of the deployment. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { DeploymentError } from './order.ts';

export const ROOT = join(import.meta.dirname, '..');

/** The variables of the deployment. */
export type Variables = Readonly<Record<string, string | undefined>>;

const require = createRequire(import.meta.url);
const PROGRAMS = {
  wrangler: () => join(dirname(require.resolve('wrangler/package.json')), 'bin/wrangler.js'),
  osls: () => require.resolve('osls/bin/serverless.js'),
  build: () => join(ROOT, 'dev/build/build.ts'),
  'schedules:sync': () => join(ROOT, 'dev/commands/schedules-sync.ts'),
};

/**
 * Runs a program, and returns its output, which is also shown if `isShown`.
 * @throws {DeploymentError} `TOOL` if it ends with an error.
 */
export async function runTool(
  name: keyof typeof PROGRAMS,
  words: readonly string[],
  variables: Variables,
  { isShown = false } = {},
): Promise<string> {
  const child = spawn(process.execPath, [PROGRAMS[name](), ...words], {
    cwd: ROOT,
    // The programs start Node by its name too, and the machine may have an older one.
    env: {
      ...variables,
      PATH: `${dirname(process.execPath)}${delimiter}${variables['PATH'] ?? ''}`,
      WRANGLER_SEND_METRICS: 'false',
    },
    stdio: ['inherit', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    if (isShown) process.stdout.write(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
    if (isShown) process.stderr.write(chunk);
  });
  const status = await new Promise((done, fail) => child.once('error', fail).once('close', done));
  if (status === 0) return output;
  const shown = isShown ? '' : `\n${output}${errors}`;
  throw new DeploymentError('TOOL', `${name} ${words[0] ?? ''} ended with ${status}${shown}`);
}
