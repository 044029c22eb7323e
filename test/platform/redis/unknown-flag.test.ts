/** A server without the flag `allow-oom` runs the scripts nevertheless, for one more command per isolate. */
import { expect, it } from 'vitest';
import { isInteger, key, script } from '../../../src/platform/redis/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { rest, isolate } = suiteRedis();

const declare = (name: string) =>
  script<number>(
    name,
    `
-- KEYS[1] a counter
return redis.call('INCRBY', KEYS[1], 1)
`,
    { allowOom: true, isReply: isInteger },
  );

it('gets the text without the flag, once per isolate', async () => {
  const [first, second] = [declare('test.first'), declare('test.second')];
  const { redis, meter } = isolate().scope('acme');
  rest().intercept = async ({ commands: [command] }) => {
    const refused = String(command?.[1]).startsWith('#!lua flags=allow-key-locking,allow-oom');
    return refused ? { status: 200, body: [{ error: 'ERR Unexpected flag in script shebang: allow-oom' }] } : 'pass';
  };
  const keys = [key(newTenant(), 'item', 'counter')];

  expect(await first.call(redis, keys, [])).toBe(1);
  expect(meter.commands).toBe(2);
  expect(await first.call(redis, keys, [])).toBe(2);
  expect(await second.call(redis, keys, [])).toBe(3);
  expect(meter.commands).toBe(4);
});

it('passes on the script’s own error', async () => {
  const failing = script('test.failing', "return redis.call('INCRBY', KEYS[1], 1)", {
    allowOom: true,
    isReply: isInteger,
  });
  const { redis } = isolate().scope('acme');
  const list = key(newTenant(), 'item', 'list');
  await redis.hset(list, { one: 1 });
  await expect(failing.call(redis, [list], [])).rejects.toMatchObject({ code: 'REDIS_COMMAND', reply: 'WRONGTYPE' });
});
