/** Reports which jobs a process has started, and when, for the time after the process was killed. */

/** The role of the process: it is killed, or it takes over. */
export type Role = 'killed' | 'survivor';

/** The start of each job, in ms since the epoch. */
export type Begun = Record<string, number>;

/** The interface for jobs and the parent process. */
export interface Witness {
  /**
   * Records the start of a job. The job runs until the process dies; in the survivor, until the survivor takes over.
   */
  begin(job: string): Promise<void>;
  /** Answers `begun` and `take over`. */
  answer(question: string): Begun;
}

/** Creates a witness. `takeOver` is called when the other process is dead. */
export function createWitness(role: Role, takeOver: () => void = () => {}): Witness {
  const begun: Begun = {};
  const alone = Promise.withResolvers<void>();
  return {
    begin(job) {
      begun[job] = Date.now();
      return role === 'killed' ? new Promise<never>(() => {}) : alone.promise;
    },
    answer(question) {
      if (question === 'take over') {
        takeOver();
        alone.resolve();
      }
      return begun;
    },
  };
}
