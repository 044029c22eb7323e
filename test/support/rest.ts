/** The Redis a suite runs against: `REDIS_URL` if it is set, else an embedded one of its own, behind the REST server. */
import { startRedis } from '../../dev/redis.ts';
import { startRedisRest } from '../../dev/redis-rest/server.ts';

export const TOKEN = 'test-token';

/**
 * Starts a REST server in front of that Redis.
 * @param database a logical database for suites that must be alone. It is emptied; none that `REDIS_URL` is used for
 * otherwise is that high.
 */
export async function startRest(database?: 10 | 11 | 12 | 13 | 14 | 15) {
  const external = process.env['REDIS_URL'];
  const embedded = external ? undefined : await startRedis();
  const url = new URL(external || (embedded?.url ?? ''));
  if (database !== undefined) url.pathname = `/${database}`;
  const rest = await startRedisRest({ redisUrl: url.href, token: TOKEN });
  if (database !== undefined) {
    const headers = { authorization: `Bearer ${TOKEN}` };
    await fetch(rest.url, { method: 'POST', headers, body: JSON.stringify(['FLUSHDB']) });
  }
  return {
    rest,
    redisUrl: url.href,
    async close() {
      await rest.close();
      await embedded?.close();
    },
  };
}
