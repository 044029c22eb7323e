/** The work of a Worker's start, counted and not timed: `npm run bench -- --only=start-up` measures the time. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const BUNDLE = pathToFileURL(join(import.meta.dirname, '../../dist/worker/cloudflare.js')).href;
const COUNTER = join(import.meta.dirname, '../support/count-schemas.ts');

test('a Worker makes no schema when it starts, and those of one route at its first request', () => {
  const body = JSON.stringify({ tenant: 'acme', email: 'no address' });
  const { stdout, stderr } = spawnSync(process.execPath, [COUNTER, BUNDLE, '/auth/sign-in', body], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const lines = stdout.trim().split('\n');
  const counted = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
  expect(counted).toMatchObject({
    atStart: 0,
    status: 400,
    body: { code: 'VALIDATION_FAILED', errors: [{ field: 'email' }, { field: 'password' }] },
  });
  // Those of the environment and of the route. The whole code declares about two thousand.
  expect(counted['atAnswer']).toBeGreaterThan(0);
  expect(counted['atAnswer']).toBeLessThan(400);
});
