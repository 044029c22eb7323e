/** A server that does not know the flag `allow-oom` runs the scripts all the same, for one more command in an isolate. */
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
return redis.call('INCR', KEYS[1])
`,
    { allowOom: true, isReply: isInteger },
  );

it('is sent the text without the flag, once an isolate', async () => {
  const [first, second] = [declare('test.first'), declare('test.second')];
  const { redis, meter } = isolate().scope('acme');
  rest().intercept = async ({ commands: [command] }) => {
    const refused = String(command?.[1]).startsWith('#!lua flags=allow-key-locking,allow-oom');
    return refused ? { status: 200, body: [{ error: 'ERR Unexpected flag in script shebang: allow-oom' }] } : 'pass';
  };
  const keys = [key(newTenant(), 'item', 'counter')];

  expect(await first.run(redis, keys, [])).toBe(1);
  expect(meter.commands).toBe(2);
  expect(await first.run(redis, keys, [])).toBe(2);
  expect(await second.run(redis, keys, [])).toBe(3);
  expect(meter.commands).toBe(4);
});

it('and what the script itself fails with is thrown', async () => {
  const failing = script('test.failing', "return redis.call('INCR', KEYS[1])", {
    allowOom: true,
    isReply: isInteger,
  });
  const { redis } = isolate().scope('acme');
  const list = key(newTenant(), 'item', 'list');
  await redis.rpush(list, 'one');
  await expect(failing.run(redis, [list], [])).rejects.toMatchObject({ code: 'REDIS_COMMAND', reply: 'WRONGTYPE' });
});
