/**
 * The era: a random text that every entry remembers and that Redis has once for all tenants. An entry of another era is
 * a miss, and an isolate that reads another era drops its memory. Entries and versions that a provider restores
 * together would look current; after a new era they do not. The look-up of an entry and the script of its lease read
 * the era with the versions, so the era costs no command. Without the key the era is '', which entries of earlier
 * releases have.
 */
import { key, NO_TENANT, type RedisClient, type RedisKey } from '../redis/index.ts';

/** The key of the era. */
export const ERA: RedisKey = key(NO_TENANT, 'era');

/**
 * Begins an era: from now on no entry from before is served. An isolate that answers from its memory notices at its next
 * look-up in Redis, at the latest after the `memory` time of the query. Values outside of queries (`cache.store`, guards,
 * copies of documents) are not covered; `npm run redis:new-era` removes them. One request, one command.
 * @param era a random text, never used before.
 * @throws {RedisError} if Redis did not confirm: the old era may go on.
 */
export async function beginEra(redis: RedisClient, era: string): Promise<void> {
  await redis.set(ERA, era);
}
