/** Measures how work grows with its input, in CPU time of this thread: other processes and test files do not count. */

const FACTOR = 8;
/** For 8 times as much input, linear work takes 8 times as long and quadratic work 64 times. */
export const LINEAR = 24;

/**
 * Returns how many times as long the work takes for eight times as much input.
 * @param work does the work for a size; the smaller size must take at least a few milliseconds
 * @param size the smaller size
 */
export function growth(work: (size: number) => void, size: number): number {
  work(size);
  return cpuTimeOf(() => work(size * FACTOR)) / cpuTimeOf(() => work(size));
}

/** The shortest of three rounds, in microseconds: a garbage collection may fall into one of them. */
function cpuTimeOf(work: () => void): number {
  const rounds = Array.from({ length: 3 }, () => {
    const before = process.threadCpuUsage();
    work();
    const { user, system } = process.threadCpuUsage(before);
    return user + system;
  });
  return Math.max(1, Math.min(...rounds));
}
