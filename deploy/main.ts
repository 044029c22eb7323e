/**
 * `npm run deploy -- worker` or `lambda`: checks the settings, builds, migrates the database, uploads, lets QStash
 * trigger the schedules where the platform does not, and prints the version and the way back. `--dry-run` ends before
 * the database, and needs no network and no account. `--built` uses the bundles of `npm run build`. `--env-file` names a
 * file of variables. `--breaking` applies migrations that the release before cannot run on; see docs/deployment.md.
 */
import { readFileSync } from 'node:fs';
import { parseArgs, parseEnv } from 'node:util';
import { messageOf } from '../dev/cloud/errors.ts';
import { deploy } from './order.ts';

try {
  const no = { type: 'boolean', default: false } as const;
  const { values, positionals } = parseArgs({
    options: { 'dry-run': no, built: no, breaking: no, 'env-file': { type: 'string' } },
    allowPositionals: true,
  });
  const [platform, ...others] = positionals;
  if ((platform !== 'worker' && platform !== 'lambda') || others.length > 0) {
    throw new Error('Name the platform: npm run deploy -- worker, or npm run deploy -- lambda');
  }
  const file = values['env-file'];
  const variables = { ...(file === undefined ? {} : parseEnv(readFileSync(file, 'utf8'))), ...process.env };
  const [isDry, isBuilt] = [values['dry-run'], values.built];
  // wrangler and its library are loaded for the Worker only.
  const steps =
    platform === 'worker'
      ? (await import('./worker.ts')).workerSteps(variables, { isBuilt, isDry })
      : (await import('./lambda.ts')).lambdaSteps(variables, { isBuilt });
  await deploy(steps, { isDry, acceptsBreaking: values.breaking }, (line) => console.log(line));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
