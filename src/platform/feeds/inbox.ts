/**
 * The messages that have arrived and are not sent yet. A browser that reads slowly must not fill the memory: an inbox
 * that is full drops all its messages and reports this, and the connection reads the missed entries from the stream.
 */

/** A message of a channel. */
export interface Message {
  readonly channel: string;
  readonly text: string;
}

/** A bounded list of messages. */
export interface Inbox {
  put(message: Message): void;
  /** Removes and returns the oldest message; `undefined` if there is none. */
  take(): Message | undefined;
  /** Returns whether messages were dropped since the last call. */
  takeDropped(): boolean;
  /** The number of UTF-16 code units in the messages. */
  readonly size: number;
}

/** The maximum size of an inbox, in UTF-16 code units: 256 Ki. */
const LARGEST_INBOX = 262_144;

/** Creates an inbox. */
export function createInbox(): Inbox {
  let messages: Message[] = [];
  let size = 0;
  let dropped = false;
  return {
    put(message) {
      messages.push(message);
      size += message.text.length;
      if (size <= LARGEST_INBOX) return;
      messages = [];
      size = 0;
      dropped = true;
    },
    take() {
      const message = messages.shift();
      if (message) size -= message.text.length;
      return message;
    },
    takeDropped() {
      const had = dropped;
      dropped = false;
      return had;
    },
    get size() {
      return size;
    },
  };
}
