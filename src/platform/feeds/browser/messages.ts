/** The messages between the tabs of a browser. The leader holds the connection, and passes on all that arrives there. */
export type Message =
  /** To the leader: a tab has come, or wants other topics. */
  | { kind: 'join' }
  /** To the leader: the user sees a tab again. */
  | { kind: 'nudge' }
  /** The connection delivers these topics, beginning at the cursor. It asked for `fresh` topics without a position. */
  | {
      kind: 'open';
      topics: readonly string[];
      fresh?: readonly string[];
      cursor: string;
      heartbeatMs: number;
      present: Present;
    }
  /** A block of the stream; a heartbeat has no body. `people` are present after a presence event. */
  | { kind: 'block'; event: string; cursor: string; body: unknown; people?: readonly string[] | undefined }
  /** The leader connects again after `ms`. */
  | { kind: 'pause'; ms: number; isLost: boolean }
  /** Tabs with one of the topics close; without topics, all tabs close. */
  | { kind: 'stop'; why: 'signed-out' | 'refused'; topics?: readonly string[] };

/** The ids of the users who are present, by topic. */
export type Present = Record<string, readonly string[]>;
