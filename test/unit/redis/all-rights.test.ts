/** The suites in which the app has all rights on Redis are exactly those of one list. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALL_RIGHTS } from '../../support/all-rights.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** A REST server whose token has all rights, or a client or an app that gets such a token. */
const GIVES_ALL =
  /\bstartRedisRest\(|\bstartRest\('all'\)|REST_TOKEN: (?:ADMIN_TOKEN|(?:\w+\.)*adminToken|redisRest\.token)/;
/** The helper with which all other suites start a REST server whose token has the rights of the app. */
const HELPER = 'test/support/rest.ts';
const SELF = 'test/unit/redis/all-rights.test.ts';

function filesOf(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\.tsx?$/.test(name)).map((name) => `${folder}/${name}`);
}

const giving = (folder: string) =>
  filesOf(folder).filter((file) => GIVES_ALL.test(readFileSync(join(ROOT, file), 'utf8')));

test('only the files of the list give a token with all rights to a client or an app', () => {
  const found = giving('test').filter((file) => file !== HELPER && file !== SELF);
  expect(found.toSorted()).toEqual(Object.keys(ALL_RIGHTS).toSorted());
});

test('each exemption has a reason', () => {
  for (const [file, reason] of Object.entries(ALL_RIGHTS)) expect(reason, file).toMatch(/^[A-Z].{15,}\.$/);
});

test('of the drills, only the file that makes the app’s user starts a REST server', () => {
  expect(giving('dev/drills')).toEqual(['dev/drills/redis.ts']);
});
