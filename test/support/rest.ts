/** The Redis a suite runs against: `REDIS_URL` if it is set, else an embedded one of its own, behind the REST server. */
import { startRedis } from '../../dev/redis.ts';
import { startRedisRest } from '../../dev/redis-rest/server.ts';

export async function startRest() {
  const external = process.env['REDIS_URL'];
  const embedded = external ? undefined : await startRedis();
  const redisUrl = external || (embedded?.url ?? '');
  const rest = await startRedisRest({ redisUrl, token: 'test-token' });
  return {
    rest,
    redisUrl,
    async close() {
      await rest.close();
      await embedded?.close();
    },
  };
}
