/** The measurements of live updates, the same for each contestant. */

/** The number of open connections of one topic. */
export const READERS = 20;

/** The costs in Redis. */
export interface LiveCosts {
  publish: RedisCost;
  /** A connection from its request to its end, without events. */
  connection: RedisCost;
  /** The commands of an idle connection, with its later connections, per minute. */
  commandsPerMinute: number;
  /** The messages that an idle connection gets through Redis, per minute. */
  messagesPerMinute: number;
}

/** A number of requests and of commands. */
export interface RedisCost {
  requests: number;
  commands: number;
}

/** A contestant with open readers. */
export interface LiveApp {
  /** Changes a deal. Returns the time of the commit and the times at which the readers got the event. */
  change(deal: string): Promise<{ committed: number; arrived: readonly number[] }>;
  close(): Promise<void>;
}
