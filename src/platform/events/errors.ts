/** The errors of this room. */
import { CodedError } from '../coded-error.ts';

/**
 * - `EVENT_DEFINITION`: the declaration of a stream is invalid.
 * - `EVENT_INVALID`: an event does not match its declaration, or is too large; nothing was appended.
 * - `EVENT_CONFLICT`: the key has another version than the append expects, so another write came first.
 * - `EVENT_UNREADABLE`: a stored event cannot be read: its type is unknown, its data does not match the schema, or
 *   `upcast` throws.
 */
export type EventErrorCode = 'EVENT_DEFINITION' | 'EVENT_INVALID' | 'EVENT_CONFLICT' | 'EVENT_UNREADABLE';

/** An error of events. The message contains no data of an event. */
export class EventError extends CodedError<EventErrorCode> {
  override readonly name = 'EventError';
}
