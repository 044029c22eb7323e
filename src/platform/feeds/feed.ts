/**
 * `feed()` declares live updates: their audience, the right to receive them, and the shape of their events. A feed is a
 * value created at module load, without I/O. `publish(tx, feed, event)` sends an event when the write commits, and
 * `GET /feeds` sends it to the browsers that listen.
 *
 * An event is a hint, not the data: the kind of change, the id and the version of a row. The browser reads the row
 * again through the cached API, which checks the rights. So an event that arrives twice, or in another order than the
 * commits of two writers, does no harm, and an event reveals no data.
 */
import type { z } from 'zod';
import type { Query } from '../cache/index.ts';
import { declare } from '../declared.ts';
import type { DataContext, Right, TenantScope } from '../http/index.ts';
import { FeedError } from './errors.ts';

/**
 * The audience of a feed. `tenant`: all users and API keys of the tenant; the topic is the feed's name, `deals`.
 * `user`: one user; the topic is `inbox`, and each user has another stream. `row`: all callers who look at one row;
 * the topic has the row's id, `deal:deal_01JD…`.
 */
export type Audience = 'tenant' | 'user' | 'row';

/** Finds out whether a row exists. Built by {@link rowOf}. */
export interface RowCheck {
  /** Starts the cached lookup, so that it is sent with the lookups of the gate. */
  prefetch(cache: TenantScope['cache'], id: string): void;
  exists(cache: TenantScope['cache'], id: string): Promise<boolean>;
}

/** Returns the check by a cached query of one row, whose value is `null` if the row does not exist. */
export function rowOf<Value>(query: Query<{ id: string }, Value, DataContext>): RowCheck {
  return {
    prefetch: (cache, id) => cache.prefetch(query, { id }),
    exists: async (cache, id) => (await cache.read(query, { id })) !== null,
  };
}

/** The declaration of a {@link Feed}. */
export interface FeedDefinition<Schema extends z.ZodType> {
  audience: Audience;
  /** The right that a caller needs; `null` if valid credentials are enough. */
  access: Right | null;
  /** The schema of an event. An event has at most 8 KB as JSON. */
  event: Schema;
  /** `true` to show who listens: each user who listens to a topic of this feed is in its room. Default `false`. */
  presence?: boolean;
  /**
   * The name of another feed of the same audience whose events this feed shows, so that one event reaches callers with
   * different rights. Default: this feed.
   */
  source?: string;
  /**
   * Refuses topics of rows that do not exist, for a feed of the audience `row`. Checked when a caller begins to listen, and
   * not when a connection resumes. A cached row costs nothing more, because the gate's MGET reads it. Default: any id is
   * accepted.
   */
  row?: RowCheck;
  /** One sentence about the events, for the documentation of the API. */
  description: string;
}

/** A declared feed. */
export interface Feed<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly audience: Audience;
  readonly access: Right | null;
  readonly event: Schema;
  readonly presence: boolean;
  readonly source: string;
  readonly row: RowCheck | null;
  readonly description: string;
}

/** The names of events in the protocol, and of events that browsers fire on an `EventSource`. */
const RESERVED = ['hello', 'reset', 'bye', 'open', 'message', 'error'];

/**
 * Declares a feed.
 * @throws {FeedError} `FEED_DEFINITION` for an invalid name.
 * @example
 * ```ts
 * export const dealsFeed = feed('deals', {
 *   audience: 'tenant',
 *   access: 'crm:read',
 *   event: z.object({ type: z.string(), id: z.string() }),
 *   description: 'Changes of deals',
 * });
 * ```
 */
export function feed<Schema extends z.ZodType>(name: string, definition: FeedDefinition<Schema>): Feed<Schema> {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name) || RESERVED.includes(name)) {
    const rule = `must be 1 to 32 lower-case letters, digits and dashes, and none of ${RESERVED.join(', ')}`;
    throw new FeedError('FEED_DEFINITION', `Feed ${name}: the name ${rule}`);
  }
  declare({ kind: 'feed', name, access: definition.access });
  const { audience, access, event, presence = false, source = name, row = null, description } = definition;
  return { name, audience, access, event, presence, source, row, description };
}

/** Feeds by name. */
export type FeedRegistry = ReadonlyMap<string, Feed>;

/**
 * Creates the registry of an app's feeds.
 * @throws {FeedError} `FEED_DEFINITION` if two feeds have the same name.
 */
export function createFeeds(feeds: readonly Feed[]): FeedRegistry {
  const registry = new Map<string, Feed>();
  for (const feed of feeds) {
    if (registry.has(feed.name)) throw new FeedError('FEED_DEFINITION', `Two feeds are named ${feed.name}`);
    registry.set(feed.name, feed);
  }
  return registry;
}
