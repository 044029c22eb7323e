/** `npm run deploy -- worker --dry-run` on the build of the suite, without account and network. */
import { expect, test } from 'vitest';
import { deploymentVariables } from '../support/deployment.ts';
import { runProgram } from '../support/npm-run.ts';

test('the dry run checks the settings and names the build, and ends before the database', async () => {
  const env = { ...deploymentVariables(), HTTPS_PROXY: 'http://127.0.0.1:9' };
  // wrangler tells on the error output that there is a proxy.
  const { status, stdout } = await runProgram('deploy', { args: ['worker', '--dry-run', '--built'], env });
  expect(status).toBe(0);
  expect(stdout.replace(/build-[0-9a-f]{12}/, 'build-…').split('\n')).toEqual([
    'warning environment: wrangler.toml has no id of a Hyperdrive → npx wrangler hyperdrive create, or npm run holdfast -- provision',
    'Built build-…',
    'Packaged dist/worker',
    'Dry run: ends before the database, the upload and the check of the app',
    '',
  ]);
});
