/** Reads the last events of a feed, for people who look at a tenant. */
import type { RedisClient } from '../redis/index.ts';
import type { Feed } from './feed.ts';
import { streamKey } from './lua.ts';

/** An event of a feed: a hint. */
export interface RecentEvent {
  type: string;
  /** The id of the row; `null` for an event without one. */
  id: string | null;
  /** The user who made the change; `null` for a machine, and for an event that does not tell. */
  actorId: string | null;
  /** ms since the epoch. */
  at: number;
}

/**
 * Reads the last events of a feed of the whole tenant, the newest first; an event that tells no time is left out. The
 * caller has checked the right of the feed. 1 request, 1 command.
 * @throws {RedisError}
 */
export async function readRecent(
  { redis, tenant }: { redis: RedisClient; tenant: string },
  { source, audience }: Pick<Feed, 'source' | 'audience'>,
  most: number,
): Promise<RecentEvent[]> {
  if (audience !== 'tenant') return [];
  const stream = streamKey(tenant, source, undefined);
  const entries = await redis.exec<[id: string, fields: string[]][]>(['XREVRANGE', stream, '+', '-', 'COUNT', most]);
  return entries.flatMap(([, fields]) => {
    const event = JSON.parse(fields[fields.indexOf('d') + 1] ?? '{}') as Partial<RecentEvent>;
    if (typeof event.type !== 'string' || typeof event.at !== 'number') return [];
    return [{ type: event.type, id: event.id ?? null, actorId: event.actorId ?? null, at: event.at }];
  });
}
