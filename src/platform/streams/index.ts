/** Streams: the events of writes reach consumer groups and projections, without workers and without a lost event. */
export {
  type ConsumerContext,
  type ConsumerDefinition,
  type ConsumerSettings,
  consumer,
} from './consumer.ts';
export { readGeneration } from './generation.ts';
export type { Consumer } from './group-run.ts';
export { type ProjectionDefinition, projection } from './projection.ts';
export { streamOutboxHandlers } from './publish.ts';
export { type RecentStreamEvent, readRecentEvents } from './recent.ts';
export { wakeSchedule } from './schedule.ts';
