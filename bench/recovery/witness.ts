/** Records the jobs that a process has started, with their times, and reports them to the parent process. */

/** The role of the process, which is killed or takes over. */
export type Role = 'killed' | 'survivor';

/** The start of each job, in ms since the epoch. */
export type Begun = Record<string, number>;

/** The interface for jobs and the parent process. */
export interface Witness {
  /**
   * Records the start of a job. The job runs until the process is killed, or until the survivor takes over.
   */
  begin(job: string): Promise<void>;
  /** Answers the questions `begun` and `take over` with the recorded starts. */
  answer(question: string): Begun;
}

/** Creates a witness. The question `take over`, after the kill of the first process, calls `takeOver`. */
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
