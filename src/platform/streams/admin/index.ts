/** Streams, groups and dead events over HTTP, for administrators. */
export { byStream, findGroup, replayGroup, streamRoutes } from './routes.ts';
export { type GroupStatus, MOST_COUNTED, readStatus } from './status.ts';
