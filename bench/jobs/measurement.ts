/** The size and the result of a measurement of jobs. */

/** The number of jobs in each part of a measurement. */
export interface JobCounts {
  /** The jobs enqueued in batches of 100, for the rate. */
  many: number;
  /** The jobs enqueued one by one, each after the start of the previous job, for the times. */
  single: number;
}

/** The measurements of one variant. */
export interface JobTimes {
  perSecond: number;
  enqueuedPerSecond: number;
  /** The time for which the enqueuing caller waits, in ms. */
  enqueueMs: number[];
  /** The time from the beginning of the enqueuing until the job starts, in ms. */
  startMs: number[];
  /** The number of commands that Redis counted for one job, including commands in scripts. */
  commands: number;
}
