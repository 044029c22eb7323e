/** How work grows with its input, in CPU time of this process, so that other processes do not count. */

const FACTOR = 8;
/** Work that grows with its input takes 8 times as long for 8 times as much, work that grows with its square 64 times. */
export const LINEAR = 24;

/**
 * How many times as long the work takes for eight times as much.
 * @param work does it for a size; the smaller one must take a few milliseconds at least
 * @param size the smaller one
 */
export function growth(work: (size: number) => void, size: number): number {
  work(size);
  return cpuTimeOf(() => work(size * FACTOR)) / cpuTimeOf(() => work(size));
}

/** The least of three rounds, in microseconds: a collection of garbage may fall into one. */
function cpuTimeOf(work: () => void): number {
  const rounds = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.max(1, Math.min(...rounds));
}
