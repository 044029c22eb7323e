/**
 * The app's user on a real redis-server: without any one of its commands, this command alone is refused, with the code of
 * a missing permission, also in a script. Commands, keys and channels beyond the list are refused too.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RedisRest } from '../../../dev/redis-rest/server.ts';
import { APP_USER, grantOf } from '../../../src/platform/redis/access/index.ts';
import {
  createBreaker,
  createRedisMeter,
  createSubscribe,
  createTransport,
  isRefusal,
  key,
  RedisClient,
  type Refused,
} from '../../../src/platform/redis/index.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../../support/redis-server.ts';
import { startAppRest, TOKEN } from '../../support/rest.ts';

const { commands } = grantOf();
const name = key('acme', 'item', 'one');

/** The arguments of commands that do not take a key and any texts. */
const ARGUMENTS: Readonly<Record<string, readonly (string | number)[]>> = {
  BITOP: ['AND', name, name],
  EVAL: ['return 1', 1, name],
  EVALSHA: ['0'.repeat(40), 1, name],
  INFO: [],
  MEMORY: ['USAGE', name],
  PING: [],
  TIME: [],
  DBSIZE: [],
  SCAN: ['0'],
  PUBLISH: [key('acme', 'channel', 'one'), 'text'],
  XGROUP: ['CREATE', name, 'group', '0', 'MKSTREAM'],
  XINFO: ['STREAM', name],
  XREADGROUP: ['GROUP', 'group', 'reader', 'STREAMS', name, '>'],
};
/** Sent by other ways than as a command of a pipeline or of a script. */
const SCRIPTS = ['EVAL', 'EVALSHA'];
const SUBSCRIBE = 'SUBSCRIBE';

describe.skipIf(!hasRedisServer)('the app’s user of a redis-server', () => {
  let server: RedisServer;
  let rest: RedisRest;
  let arity: Map<string, number>;
  beforeAll(async () => {
    server = await startRedisServer();
    rest = await startAppRest({ redisUrl: server.url });
    const known = (await server.admin('COMMAND', 'INFO', ...commands)) as [string, number][];
    arity = new Map(known.map(([command, count]) => [command.toUpperCase(), Math.abs(count)]));
  });
  afterAll(async () => {
    await rest.close();
    await server.close();
  });

  const refusals: Refused[] = [];
  const onRefused = (refused: Refused) => void refusals.push(refused);

  function connect(): RedisClient {
    const now = realSystem.now;
    const services = { meter: createRedisMeter(), breaker: createBreaker({ now }), now, timeout: 30_000, onRefused };
    return new RedisClient(createTransport({ url: rest.url, token: TOKEN, ...services }));
  }

  /** A command with as many arguments as it needs. */
  function callOf(command: string): [string, ...(string | number)[]] {
    const least = arity.get(command) ?? 1;
    const filled = least > 1 ? [name, ...Array.from({ length: least - 2 }, () => '1')] : [];
    return [command, ...(ARGUMENTS[command] ?? filled)];
  }

  async function subscribe(): Promise<void> {
    const services = { fetch, system: realSystem, timeoutMs: 30_000, onRefused };
    const open = createSubscribe({ url: rest.url, token: TOKEN, ...services });
    const { close } = await open([key('acme', 'channel', 'one')], { onMessage() {}, onEnd() {} });
    close();
  }

  /** Sends a command, and returns its error; `undefined` for a reply, also for the reply that the arguments are wrong. */
  async function refusalOf(command: string): Promise<unknown> {
    const sent = command === SUBSCRIBE ? subscribe() : connect().exec(callOf(command));
    return sent.then(
      () => undefined,
      (error: { code?: string; reply?: string }) => (error.reply === 'NOPERM' ? error : undefined),
    );
  }

  test('may send each command of its list', async () => {
    expect(arity.size).toBe(commands.length);
    const refused = await Promise.all(commands.map(async (command) => [command, await refusalOf(command)] as const));
    expect(refused.filter(([, error]) => error !== undefined)).toEqual([]);
  });

  test.each(commands)(
    'without %s: it is refused with REDIS_NOPERM and reported, and others are not',
    async (command) => {
      refusals.length = 0;
      const other = command === 'GET' ? 'EXISTS' : 'GET';
      await server.admin('ACL', 'SETUSER', APP_USER, `-${command.toLowerCase()}`);
      try {
        const error = await refusalOf(command);
        expect(error).toMatchObject({ name: 'RedisError', code: 'REDIS_NOPERM', reply: 'NOPERM', command });
        expect(isRefusal(error)).toBe(true);
        if (!SCRIPTS.includes(command) && command !== SUBSCRIBE) {
          const [, ...args] = callOf(command);
          const script = `return redis.call('${command}', unpack(ARGV))`;
          const inScript = connect().exec(['EVAL', script, 0, ...args]);
          await expect(inScript).rejects.toMatchObject({ code: 'REDIS_NOPERM', command: 'EVAL' });
          refusals.pop();
        }
        expect(await refusalOf(other)).toBeUndefined();
      } finally {
        await server.admin('ACL', 'SETUSER', APP_USER, `+${command.toLowerCase()}`);
      }
      expect(refusals).toEqual([{ command, reply: 'NOPERM' }]);
    },
  );

  test.each(['FLUSHALL', 'KEYS', 'ACL', 'SCRIPT', 'CONFIG', 'RANDOMKEY'])('is refused %s', async (command) => {
    const args = { KEYS: ['*'], ACL: ['USERS'], SCRIPT: ['FLUSH'], CONFIG: ['GET', 'maxmemory'] }[command] ?? [];
    await expect(connect().exec([command, ...args])).rejects.toMatchObject({ code: 'REDIS_NOPERM', command });
  });

  test('is refused the keys and channels of others', async () => {
    const redis = connect();
    await expect(redis.exec(['GET', 'other:key'])).rejects.toMatchObject({ code: 'REDIS_NOPERM' });
    await expect(redis.exec(['PUBLISH', 'other', 'x'])).rejects.toMatchObject({ code: 'REDIS_NOPERM' });
    const script = "return redis.call('GET', ARGV[1])";
    await expect(redis.exec(['EVAL', script, 0, 'other:key'])).rejects.toMatchObject({ code: 'REDIS_NOPERM' });
  });
});
