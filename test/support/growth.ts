/** Measures how work grows with its input, in CPU time of this thread: other processes and test files do not count. */

const FACTOR = 8;
/** For 8 times as much input, linear work takes 8 times as long and quadratic work 64 times. */
export const LINEAR = 24;

/**
 * Returns how many times as long the work takes for eight times as much input.
 * @param work does the work for a size, and leaves nothing behind: it is repeated
 * @param size the smaller size
 */
export function growth(work: (size: number) => void, size: number): number {
  work(size);
  return cpuTimeOf(() => work(size * FACTOR)) / cpuTimeOf(() => work(size));
}

/** A round repeats the work for this time, in microseconds: the clock of a thread may have steps of 10 ms. */
const ROUND = 50_000;

/** The shortest time of three rounds, in microseconds: a garbage collection may fall into one of them. */
function cpuTimeOf(work: () => void): number {
  const rounds = Array.from({ length: 3 }, () => {
    const before = process.threadCpuUsage();
    for (let times = 1; ; times += 1) {
      work();
      const { user, system } = process.threadCpuUsage(before);
      if (user + system >= ROUND) return (user + system) / times;
    }
  });
  return Math.min(...rounds);
}
