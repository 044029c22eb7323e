/** The Redis of one suite behind the REST server. No other suite shares its keys. */
import { startRedis } from '../../dev/redis/server.ts';
import { type RedisRest, type RedisRestOptions, startRedisRest } from '../../dev/redis-rest/server.ts';
import { APP_USER, aclRules, grantOf } from '../../src/platform/redis/access/index.ts';
import { startRedisServer } from './redis-server.ts';
import { recordUsedCommands } from './used-commands.ts';

/** The token of the app's user, which has the rights of the app only. */
export const TOKEN = 'test-token';
/** The token of the user with all rights, for the commands of a test itself. */
export const ADMIN_TOKEN = 'test-admin-token';

/** Starts a REST server in front of a suite's Redis. Its `token` has the rights of the app only. */
export async function startAppRest(options: Omit<RedisRestOptions, 'token'>): Promise<RedisRest> {
  const rest = await startRedisRest({ ...options, token: ADMIN_TOKEN });
  await rest.setUser(APP_USER, TOKEN, aclRules(grantOf()));
  rest.token = TOKEN;
  return rest;
}

/**
 * Starts an empty Redis (a redis-server if `REDIS_URL` is set, else the embedded one) and a REST server in front. `TOKEN`
 * has the rights of the app, or all rights for the suites that `all-rights.ts` names.
 */
export async function startRest(rights: 'app' | 'all' = 'app') {
  const redis = process.env['REDIS_URL'] ? await startRedisServer() : await startRedis();
  const { url: redisUrl } = redis;
  const rest = rights === 'app' ? await startAppRest({ redisUrl }) : await startRedisRest({ redisUrl, token: TOKEN });
  return {
    rest,
    redisUrl: redis.url,
    async close() {
      await rest.close();
      if (process.env['REDIS_URL']) await recordUsedCommands(redis.url);
      await redis.close();
    },
  };
}
