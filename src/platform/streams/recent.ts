/** Reads the last events of a stream, for people who look at a tenant. */
import type { StoredEvent } from '../events/index.ts';
import type { RedisClient } from '../redis/index.ts';
import { streamKeys } from './keys.ts';

/** An event without its data. */
export type RecentStreamEvent = Pick<StoredEvent, 'key' | 'version' | 'type' | 'at'>;

/**
 * Reads the last events of a tenant's stream in Redis, the newest first, without their data. 1 request, 1 command.
 * @throws {RedisError}
 */
export async function readRecentEvents(
  { redis, tenant }: { redis: RedisClient; tenant: string },
  name: string,
  most: number,
): Promise<RecentStreamEvent[]> {
  const { stream } = streamKeys(tenant, name);
  const entries = await redis.exec<[id: string, fields: string[]][]>(['XREVRANGE', stream, '+', '-', 'COUNT', most]);
  return entries.map(([, fields]) => {
    const { key, version, type, at } = JSON.parse(fields[fields.indexOf('e') + 1] ?? '{}') as StoredEvent;
    return { key, version, type, at };
  });
}
