/**
 * Finds keys by pattern with SCAN, in bounded batches; the command KEYS would block the server. A pattern is matched
 * within one tenant and one family of keys. The only wildcard is `*`, which matches any run of characters.
 */
import { type Family, key, type RedisClient, type RedisKey } from '../redis/index.ts';

const BATCH = 500;

/**
 * Yields the matching keys of a tenant's family, batch by batch. The scan finds each key that exists during the whole
 * scan, may miss other keys, and may yield a key twice.
 */
export async function* scanKeys(
  redis: RedisClient,
  tenant: string,
  family: Family,
  pattern: string,
): AsyncGenerator<RedisKey[]> {
  // Every character except `*` is matched literally.
  const match = `${key(tenant, family)}:${pattern.replace(/[?[\]^\\]/g, '\\$&')}`;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, { match, count: BATCH });
    cursor = String(next);
    if (keys.length > 0) yield keys as RedisKey[];
  } while (cursor !== '0');
}

/**
 * Removes every matching key. Returns the number of removed keys.
 * @throws {RedisError} if Redis did not confirm: some keys may remain.
 */
export async function removeMatching(
  redis: RedisClient,
  tenant: string,
  family: Family,
  pattern: string,
): Promise<number> {
  let removed = 0;
  for await (const keys of scanKeys(redis, tenant, family, pattern)) removed += await redis.unlink(...keys);
  return removed;
}
