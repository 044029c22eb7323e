/** The Redis a suite runs against: `REDIS_URL` if it is set, else an embedded one of its own. */
import { type EmbeddedRedis, startRedis } from '../../../dev/redis.ts';
import { type RedisRest, startRedisRest } from '../../../dev/redis-rest/server.ts';

export const TOKEN = 'test-token';

/**
 * A REST server in front of that Redis. A suite flushes its database, so each has a logical one to itself, far from the
 * one that `REDIS_URL` may be used for otherwise.
 */
export async function startRest(
  database: 11 | 12 | 13 | 14,
): Promise<{ rest: RedisRest; redisUrl: string; close(): Promise<void> }> {
  const external = process.env['REDIS_URL'];
  const embedded: EmbeddedRedis | undefined = external ? undefined : await startRedis();
  const redisUrl = withDatabase(external || (embedded?.url ?? ''), database);
  const rest = await startRedisRest({ redisUrl, token: TOKEN });
  return {
    rest,
    redisUrl,
    async close() {
      await rest.close();
      await embedded?.close();
    },
  };
}

/** Sends a request as a program without the SDK would. */
export async function call(
  rest: RedisRest,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await fetch(rest.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

function withDatabase(redisUrl: string, database: number): string {
  const url = new URL(redisUrl);
  url.pathname = `/${database}`;
  return url.href;
}
