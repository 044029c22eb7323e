/**
 * Keys by pattern, with a cursor and in bounded batches: never KEYS, which would stop the server. A pattern is matched
 * within one tenant and one family of keys; `*` is the only wildcard, and matches any run of characters.
 */
import { type Family, key, type RedisClient, type RedisKey } from '../redis/index.ts';

const BATCH = 500;

/**
 * The keys of a tenant's family that match, batch by batch. Keys that exist for the whole of the scan are found; others
 * may or may not be, and a key may come twice.
 */
export async function* scanKeys(
  redis: RedisClient,
  tenant: string,
  family: Family,
  pattern: string,
): AsyncGenerator<RedisKey[]> {
  // Every character but the wildcard is matched literally.
  const match = `${key(tenant, family)}:${pattern.replace(/[?[\]^\\]/g, '\\$&')}`;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, { match, count: BATCH });
    cursor = String(next);
    if (keys.length > 0) yield keys as RedisKey[];
  } while (cursor !== '0');
}

/**
 * Removes every key that matches; resolves with how many.
 * @throws {RedisError} if Redis did not confirm: some may be left.
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
