/** Events: appended in a write, versioned for each key, read in an order in which no event appears late. */
export {
  type Appended,
  type AppendOptions,
  append,
  appendAll,
  EVENT,
  EVENT_AGAIN,
  type EventPayload,
} from './append.ts';
export { EventError, type EventErrorCode } from './errors.ts';
export {
  type EventReader,
  LARGEST_PAGE,
  type ReplayPage,
  readEvents,
  readStored,
  replay,
  replayStored,
  type VersionRange,
} from './read.ts';
export { comparePositions, present, type StoredEvent } from './stored.ts';
export {
  type EventDefinition,
  type EventDefinitions,
  type EventOf,
  type NewEventOf,
  type Position,
  type Stream,
  type StreamDefinition,
  type StreamEvent,
  stream,
} from './stream.ts';
