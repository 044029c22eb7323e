/** A topic is what a caller listens to: a feed, and for some feeds a row. This file finds its keys. */
import { key, type RedisKey } from '../redis/index.ts';
import type { Feed, FeedRegistry } from './feed.ts';
import { streamKey } from './lua.ts';

/** A topic of one tenant. */
export interface Topic {
  /** The text of the topic in requests and events: `deals`, or `deal:deal_01JD…`. */
  readonly text: string;
  readonly feed: Feed;
  /** The id of the row; `null` for a feed of another audience. */
  readonly rowId: string | null;
  /** The stream of the topic's events. The channel of new events has the same name. */
  readonly stream: RedisKey;
  /** The members of the topic's room; `null` if the feed has no presence. */
  readonly room: RedisKey | null;
}

/** The maximum number of topics of one connection. */
export const MOST_TOPICS = 20;

const FORM = /^([a-z][a-z0-9-]{0,31})(?::([A-Za-z0-9][A-Za-z0-9_-]{0,63}))?$/;

/** Returns whether a text may be a topic. A text of this form contains no separator of cursors and lists. */
export function isTopic(text: string): boolean {
  return FORM.test(text);
}

/**
 * Returns the topic of a text; `null` for an unknown feed, for a feed of rows without an id, for another feed with an
 * id, and for a feed of users without a user.
 */
export function topicOf(feeds: FeedRegistry, tenant: string, userId: string | null, text: string): Topic | null {
  const [, name = '', id] = FORM.exec(text) ?? [];
  const feed = feeds.get(name);
  if (!feed || (feed.audience === 'row') !== (id !== undefined)) return null;
  const to = feed.audience === 'row' ? id : feed.audience === 'user' ? userId : undefined;
  if (to === null) return null;
  return {
    text,
    feed,
    rowId: id ?? null,
    stream: streamKey(tenant, feed.source, to),
    room: feed.presence ? key(tenant, 'room', feed.name, ...(to === undefined ? [] : [to])) : null,
  };
}

/** Returns the key of all connections of a caller, for the limit of connections. */
export function connectionsKey(tenant: string, callerId: string): RedisKey {
  return key(tenant, 'room', '-', callerId);
}

/**
 * Returns the channel whose messages make the connections of a user check their session at once. `bucket` is the
 * pseudonym of the user in sessions; `''` is for all connections of the tenant.
 */
export function endingsChannel(tenant: string, bucket: string): RedisKey {
  return key(tenant, 'feed', '-', bucket);
}
