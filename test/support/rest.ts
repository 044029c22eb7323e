/** The Redis of one suite behind the REST server. No other suite shares its keys. */
import { startRedis } from '../../dev/redis/server.ts';
import { startRedisRest } from '../../dev/redis-rest/server.ts';
import { startRedisServer } from './redis-server.ts';

export const TOKEN = 'test-token';

/** Starts an empty Redis (a redis-server if `REDIS_URL` is set, else the embedded one) and a REST server in front. */
export async function startRest() {
  const redis = process.env['REDIS_URL'] ? await startRedisServer() : await startRedis();
  const rest = await startRedisRest({ redisUrl: redis.url, token: TOKEN });
  return {
    rest,
    redisUrl: redis.url,
    async close() {
      await rest.close();
      await redis.close();
    },
  };
}
