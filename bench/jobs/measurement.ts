/** The size and the result of a measurement of jobs. */

/** How many jobs each part runs. */
export interface JobCounts {
  /** Enqueued in batches of 100; the measurement waits for all. */
  many: number;
  /** Enqueued one after the other, each after the start of the previous one. */
  single: number;
}

/** The measurements of each variant. */
export interface JobTimes {
  perSecond: number;
  enqueuedPerSecond: number;
  /** How long the enqueuing caller waits, in ms. */
  enqueueMs: number[];
  /** From then until the job starts, in ms. */
  startMs: number[];
  /** Commands that Redis counted for one job, including those in scripts. */
  commands: number;
}
