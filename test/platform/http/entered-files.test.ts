/** The length of the way of a request: how many files of `src` a reader must open to follow a hit. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { appVariables } from '../../../dev/cloud/app-environment.ts';
import { APP_URL } from '../../support/app.ts';
import { createWorld, type World } from '../auth/world.ts';

const PROGRAM = join(import.meta.dirname, 'entered-files.ts');

let world: World;

beforeAll(async () => {
  world = await createWorld();
});

afterAll(() => world.close());

test('a hit of GET /dashboard with a session cookie enters fewer than 55 files', async () => {
  const { browser } = await world.signedIn();
  const variables = { ...appVariables(inject('cloud'), APP_URL), DATABASE_URL: world.database };
  const question = JSON.stringify({ path: '/dashboard', cookie: browser.cookieHeader(), variables });
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, question]);
  const { status, cache, files } = JSON.parse(stdout) as { status: number; cache: string; files: string[] };
  expect([status, cache]).toEqual([200, 'HIT']);
  expect(files).toContain('platform/cache/read.ts');
  // Two of them are the counters of the isolate and the notes of active users, which every hit passes.
  expect(files.length, files.join('\n')).toBeLessThan(55);
});
