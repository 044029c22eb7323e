/** The users in a room, for callers that hold no connection. */
import type { RedisClient, RedisKey } from '../redis/index.ts';
import type { System } from '../system.ts';

/**
 * Returns the ids of the callers whose places in a room still count, without repeats. 1 request, 1 command.
 * @throws {RedisError}
 */
export async function presentIn(
  { redis, system }: { redis: RedisClient; system: Pick<System, 'now'> },
  room: RedisKey,
): Promise<string[]> {
  const places = await redis.zrange<string[]>(room, `(${system.now()}`, '+inf', { byScore: true });
  return [...new Set(places.map((place) => place.slice(0, place.indexOf('|'))))];
}
