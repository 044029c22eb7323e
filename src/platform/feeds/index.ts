/** Live updates: feeds, their events, and `GET /feeds`. */
export { FeedError, type FeedErrorCode } from './errors.ts';
export {
  type Audience,
  createFeeds,
  type Feed,
  type FeedDefinition,
  type FeedRegistry,
  feed,
  type RowCheck,
  rowOf,
} from './feed.ts';
export {
  FEED_EVENT,
  feedHandler,
  type PublishOptions,
  type PublishTarget,
  publish,
  publishNow,
  publishToAll,
} from './publish.ts';
export { type RecentEvent, readRecent } from './recent.ts';
export { feedRoutes } from './routes.ts';
export { tellConnections } from './tell-connections.ts';
export { wakeListeners, wakeUpSchema } from './wake.ts';
