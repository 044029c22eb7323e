/** What a process whose jobs outlive it tells of them: which it has begun, and when. */

/** Which of the two processes it is: the one that is killed, or the one that takes over. */
export type Role = 'killed' | 'survivor';

/** When each job was begun, in ms since the epoch. */
export type Begun = Record<string, number>;

/** What jobs and the parent ask of it. */
export interface Witness {
  /** Notes that a job has begun. It goes on until the process dies; in the survivor, until that takes over. */
  begin(job: string): Promise<void>;
  /** Answers `begun` and `take over`. */
  answer(question: string): Begun;
}

/** Makes one. `takeOver` is called when the other process is dead. */
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
