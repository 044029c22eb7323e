/** The errors of this room. */
import { CodedError } from '../coded-error.ts';

/**
 * - `FEED_DEFINITION`: the declaration of a feed is invalid.
 * - `FEED_EVENT`: an event does not match its feed's schema, is too large, or has no audience.
 */
export type FeedErrorCode = 'FEED_DEFINITION' | 'FEED_EVENT';

/** A mistake in the use of feeds. The message contains no data of the event. */
export class FeedError extends CodedError<FeedErrorCode> {
  override readonly name = 'FeedError';
}
