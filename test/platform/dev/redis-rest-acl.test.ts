/** `npm run redis:acl`: the app's user is made, compared with the code, and gets new tokens; no token is printed. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { aclRules, grantOf } from '../../../src/platform/redis/access/index.ts';
import { runProgram } from '../../support/npm-run.ts';
import { ADMIN_TOKEN, startRest } from '../../support/rest.ts';

const LIMIT = { timeout: 120_000 };
const folder = mkdtempSync(join(tmpdir(), 'holdfast-acl-'));
const [first, second] = [join(folder, 'first'), join(folder, 'second')];
let redis: Awaited<ReturnType<typeof startRest>>;

beforeAll(async () => {
  redis = await startRest();
});
afterAll(async () => {
  await redis.close();
  rmSync(folder, { recursive: true, force: true });
});

const printed: string[] = [];

async function acl(...args: string[]) {
  const env = { UPSTASH_REDIS_REST_URL: redis.rest.url, UPSTASH_REDIS_REST_ADMIN_TOKEN: ADMIN_TOKEN };
  const { status, stdout, stderr } = await runProgram('redis:acl', { args: [...args, '--user', 'deployed'], env });
  printed.push(stdout, stderr);
  return { status, text: (stdout + stderr).trim() };
}

const tokenIn = (file: string) => readFileSync(file, 'utf8').trim();

/** The status of a request with a token, and the reply. */
async function send(token: string, ...command: string[]): Promise<unknown[]> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(redis.rest.url, { method: 'POST', headers, body: JSON.stringify(command) });
  return [response.status, await response.json()];
}

beforeEach(async () => {
  await send(ADMIN_TOKEN, 'ACL', 'DELUSER', 'deployed');
});

test(
  'a user is made with the rights of the code, its token is exchanged without a pause, and no token is printed',
  LIMIT,
  async () => {
    expect(await acl('--print')).toEqual({ status: 0, text: `ACL SETUSER deployed ${aclRules(grantOf()).join(' ')}` });
    expect(await acl('--check')).toEqual({ status: 1, text: expect.stringContaining('does not exist') });
    expect(await acl('--apply')).toEqual({ status: 1, text: expect.stringContaining('--token-file') });

    expect(await acl('--apply', '--token-file', first)).toMatchObject({ status: 0 });
    expect(statSync(first).mode & 0o777).toBe(0o600);
    expect(await send(tokenIn(first), 'SET', 'hf:acme:c:one', '1')).toEqual([200, { result: 'OK' }]);
    expect(await send(tokenIn(first), 'FLUSHALL')).toEqual([400, { error: expect.stringMatching(/^NOPERM/) }]);

    expect(await acl('--retire-token', '--token-file', first)).toMatchObject({ status: 1 });
    expect(await acl('--add-token', '--token-file', first)).toMatchObject({ status: 1 });
    expect(await acl('--add-token', '--token-file', second)).toMatchObject({ status: 0 });
    for (const file of [first, second]) expect(await send(tokenIn(file), 'PING')).toEqual([200, { result: 'PONG' }]);
    expect(await acl('--add-token', '--token-file', join(folder, 'third'))).toEqual({
      status: 1,
      text: expect.stringContaining('has two tokens'),
    });
    expect(await acl('--retire-token', '--token-file', first)).toMatchObject({ status: 0 });
    expect(await send(tokenIn(first), 'PING')).toEqual([401, expect.anything()]);
    expect(await send(tokenIn(second), 'GET', 'hf:acme:c:one')).toEqual([200, { result: '1' }]);

    expect(printed.filter((text) => [first, second].some((file) => text.includes(tokenIn(file))))).toEqual([]);
  },
);

test(
  'a user with other rights than the code, or switched off by --fence, is reported by --check, and mended by --apply',
  LIMIT,
  async () => {
    const file = join(folder, 'mended');
    await acl('--apply', '--token-file', file);
    await send(ADMIN_TOKEN, 'ACL', 'SETUSER', 'deployed', '-zadd', '+flushall', '~other');
    expect(await acl('--check')).toEqual({
      status: 1,
      text: [
        'deployed differs from the code:',
        '  misses the command ZADD',
        '  has the command FLUSHALL, which the app does not use',
        '  has the keys other, which the app does not use',
      ].join('\n'),
    });
    expect(await acl('--apply')).toEqual({ status: 0, text: expect.stringContaining('Its tokens are unchanged') });
    expect(await acl('--check')).toEqual({ status: 0, text: expect.stringMatching(/tokens: 1$/) });
    expect(await send(tokenIn(file), 'PING')).toEqual([200, { result: 'PONG' }]);

    expect(await acl('--fence')).toEqual({ status: 0, text: expect.stringContaining('this Redis refuses the app') });
    expect(await send(tokenIn(file), 'PING')).toEqual([401, expect.anything()]);
    expect(await acl('--check')).toEqual({ status: 1, text: expect.stringContaining('is off') });
    expect(await acl('--apply')).toMatchObject({ status: 0 });
    expect(await send(tokenIn(file), 'PING')).toEqual([200, { result: 'PONG' }]);
  },
);
