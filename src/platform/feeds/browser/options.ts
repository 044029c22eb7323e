/** The options and the handle of `connectFeeds`. */
import type { BrowserParts } from './parts.ts';

/** An event of a topic: a hint that something changed, to be read again through the API. */
export interface FeedEvent {
  topic: string;
  data: { type: string; id?: string; version?: number; [field: string]: unknown };
}

/** Events of a topic may be missing before this point: read again everything that the topic is about. */
export interface FeedReset {
  topic: string;
  /** `start`: the topic begins here. Otherwise the reason of the loss: `trimmed`, `lost` or `behind`. */
  why: string;
}

/**
 * `connecting`: before the first event can arrive. `open`: events arrive. `waiting`: the connection is lost, and will be
 * tried again. The last three are final. `signed-out`: the session has ended. `refused`: the server does not serve these
 * topics to this user. `closed`: by `close()`.
 */
export type FeedState = 'connecting' | 'open' | 'waiting' | 'signed-out' | 'refused' | 'closed';

/** The options of `connectFeeds`. */
export interface FeedOptions {
  /** The address of `GET /feeds`, without a query. */
  url: string;
  topics: readonly string[];
  /** An event can arrive twice, after a connection that broke at that moment. */
  onEvent(event: FeedEvent): void;
  /** Called with `start` for each topic at the beginning, and whenever events of a topic are lost. */
  onReset(reset: FeedReset): void;
  /** Called with the ids of the users who look at a topic, for topics with presence. */
  onPresence?(presence: { topic: string; userIds: readonly string[] }): void;
  onState?(state: FeedState): void;
  /** Default: the browser's `fetch`. */
  fetch?: typeof fetch;
  /** Returns a bearer token for the next connection. Without it, the browser sends its cookies. */
  token?(): string | Promise<string>;
  /**
   * Tabs with the same text share a connection, so they must belong to the same user. Default: `url` with cookies, which
   * the tabs share too; with `token`, each tab has a connection of its own.
   */
  shareAs?: string;
  /** Parts of the browser to replace, for tests. */
  parts?: Partial<BrowserParts>;
}

/** The connected feeds of a tab. */
export interface Feeds {
  /** Replaces the topics. Topics that stay lose no event. */
  setTopics(topics: readonly string[]): void;
  /** Ends the feeds of all tabs, because the user signs out. The server's own `bye` has the same effect. */
  signedOut(): void;
  /** Ends the feeds of this tab. */
  close(): void;
}
