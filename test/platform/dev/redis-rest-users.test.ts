/** The users of the REST server: made as on Upstash, and refused with `NOPERM` what their rules do not allow. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readUser } from '../../../dev/acl/read-back.ts';
import { askOverRest } from '../../../dev/backup/rest.ts';
import { aclRules, grantOf } from '../../../src/platform/redis/access/index.ts';
import { ADMIN_TOKEN, startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
let token: string;

beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

interface Answer {
  status: number;
  body: { result?: unknown; error?: string };
}

async function send(command: readonly (string | number)[], bearer = ADMIN_TOKEN, path = '/'): Promise<Answer> {
  const headers = { authorization: `Bearer ${bearer}` };
  const response = await fetch(redis.rest.url + path, { method: 'POST', headers, body: JSON.stringify(command) });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const admin = async (...command: string[]) => (await send(command)).body;
const asUser = async (...command: (string | number)[]) => (await send(command, token)).body;
const error = (start: string) => ({ error: expect.stringMatching(new RegExp(`^${start}`)) });

/** Makes the user `one` anew with these rights. */
async function make(...rules: string[]): Promise<void> {
  await admin('ACL', 'DELUSER', 'one');
  token = String((await admin('ACL', 'GENTOKEN', 'one')).result);
  expect(await admin('ACL', 'SETUSER', 'one', 'on', `>${token}`, ...rules)).toEqual({ result: 'OK' });
}

beforeEach(() => make('~hf:*', '&hf:*', '+get', '+set', '+eval', '+evalsha', '+subscribe'));

describe('a user', () => {
  test('may send its commands on its keys, and no others', async () => {
    expect(await asUser('SET', 'hf:a', '1')).toEqual({ result: 'OK' });
    expect(await asUser('GET', 'hf:a')).toEqual({ result: '1' });
    expect(await asUser('DEL', 'hf:a')).toEqual(error("NOPERM .*'del' command"));
    expect(await asUser('GET', 'other')).toEqual(error('NOPERM .*one of the keys'));
    expect(await asUser('FLUSHALL')).toEqual(error('NOPERM'));
    expect(await admin('GET', 'hf:a')).toEqual({ result: '1' });
  });

  test('is refused one command of a pipeline, and gets the replies to the others', async () => {
    const { status, body } = await send(
      [
        ['SET', 'hf:b', '2'],
        ['DEL', 'hf:b'],
        ['GET', 'hf:b'],
      ] as never,
      token,
      '/pipeline',
    );
    expect([status, body]).toEqual([200, [{ result: 'OK' }, error('NOPERM'), { result: '2' }]]);
  });

  test('is refused a command in a script, and a key of a script', async () => {
    const deletes = "return redis.call('DEL', KEYS[1])";
    expect(await asUser('EVAL', deletes, 1, 'hf:a')).toEqual(error("ERR The user executing the script can't run"));
    expect(await asUser('EVAL', "return redis.call('GET', KEYS[1])", 1, 'other')).toEqual(error('NOPERM'));
    expect(await asUser('EVAL', "return redis.call('GET', KEYS[1])", 1, 'hf:none')).toEqual({ result: null });
  });

  test('may subscribe to its channels, and is refused others with 400', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const own = await fetch(`${redis.rest.url}/subscribe/hf:a`, { headers });
    expect(own.status).toBe(200);
    await own.body?.cancel();
    const other = await fetch(`${redis.rest.url}/subscribe/other`, { headers });
    expect([other.status, await other.json()]).toEqual([400, error('NOPERM')]);
  });

  test('is changed at once by new rules, also for a token in use', async () => {
    expect(await asUser('GET', 'hf:a')).toHaveProperty('result');
    await admin('ACL', 'SETUSER', 'one', '-get');
    expect(await asUser('GET', 'hf:a')).toEqual(error('NOPERM'));
    await admin('ACL', 'SETUSER', 'one', 'off');
    expect((await send(['GET', 'hf:a'], token)).status).toBe(401);
  });

  test('has two tokens during a rotation; the removed one gets 401', async () => {
    const next = String((await admin('ACL', 'GENTOKEN', 'one')).result);
    expect(await admin('ACL', 'SETUSER', 'one', `>${next}`)).toEqual({ result: 'OK' });
    expect(await asUser('SET', 'hf:a', '3')).toEqual({ result: 'OK' });
    expect((await send(['GET', 'hf:a'], next)).body).toEqual({ result: '3' });
    await admin('ACL', 'SETUSER', 'one', `<${token}`);
    expect((await send(['GET', 'hf:a'], token)).status).toBe(401);
    expect((await send(['GET', 'hf:a'], next)).status).toBe(200);
  });

  test('with the rules of the app has them all when it is read back, and may not manage users', async () => {
    await make(...aclRules(grantOf()));
    const user = await readUser(askOverRest({ url: redis.rest.url, token: ADMIN_TOKEN }), 'one');
    expect(user).toEqual({ isOn: true, tokens: 1, ...grantOf() });
    expect(await asUser('ACL', 'WHOAMI')).toEqual(error('NOPERM'));
    expect(await admin('ACL', 'WHOAMI')).toEqual({ result: 'default' });
    expect(await asUser('ACL', 'SETUSER', 'one', '+flushall')).toEqual(error('NOPERM'));
  });
});

describe('rules that Upstash refuses', () => {
  test.each([
    ['a password that GENTOKEN has not made', 'one', '>secret-word'],
    ['the token of another user', 'two', '>TOKEN'],
    ['any password', 'one', 'nopass'],
    ['the digest of a password', 'one', `#${'0'.repeat(64)}`],
    ['a subcommand', 'one', '+client|list'],
    ['a change of the default user', 'default', 'off'],
  ])('%s', async (_name, user, rule) => {
    const { error: text } = await admin('ACL', 'SETUSER', user, rule.replace('TOKEN', token));
    expect(text).toMatch(/^ERR /);
    expect(text).not.toMatch(/secret-word|0000/);
    expect(text).not.toContain(token);
  });
});
