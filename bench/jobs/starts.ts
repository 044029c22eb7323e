/** Counts the starts of jobs, so that a measurement can wait for the last of them. */

/** Counts the starts of the jobs of one measurement. */
export interface Starts {
  /** Each job calls this function when it starts. */
  note(): void;
  /** Resolves when this number of jobs has started from now on. */
  next(count: number): Promise<void>;
}

/** Creates the counter of the starts in a measurement. Only one `next` may wait at a time. */
export function createStarts(): Starts {
  let note = () => {};
  return {
    note: () => note(),
    next: (count) =>
      new Promise<void>((resolve) => {
        let left = count;
        note = () => {
          left -= 1;
          if (left === 0) resolve();
        };
      }),
  };
}
