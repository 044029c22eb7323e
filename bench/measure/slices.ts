/**
 * Measures speed on a busy machine. Contestants take turns in short slices, in a shuffled order each round, so that
 * no contestant always inherits the sockets and garbage of the same contestant. Each slice is compared with the
 * baseline's slice of the same round; the report has the median of these ratios. Only the CPU time of this process
 * counts.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { seededRandom } from '../../dev/random/seeded.ts';
import { shuffle } from './random.ts';
import { median, percentile } from './summary.ts';

/** A contestant, with the operations that it repeats until the end of its slice. */
export interface Runner {
  id: string;
  /** The operation of each caller, which the caller repeats. Resolves to the number of completed operations. */
  operations: readonly (() => Promise<number>)[];
}

/** The result of one contestant, relative to the baseline and in absolute terms. */
export interface Speed {
  perSecond: number;
  cpuMicroseconds: number;
  rate: Ratio;
  cpu: Ratio;
}

/** A median, and half the distance between the quartiles around it. */
export interface Ratio {
  median: number;
  spread: number;
}

/** The number and length of the slices of each contestant. */
export interface SlicePlan {
  rounds: number;
  sliceMs: number;
  /** The time of full garbage collections, each of which takes as long as a short slice. */
  collect: 'each slice' | 'each round';
}

interface Slice {
  perSecond: number;
  cpuMicroseconds: number;
}

/** Runs all contestants for `rounds` rounds of `sliceMs`, after a first round that does not count. */
export async function alternate(
  runners: readonly Runner[],
  baseline: string,
  { rounds, sliceMs, collect }: SlicePlan,
): Promise<Map<string, Speed>> {
  const slices = new Map<string, Slice[]>(runners.map(({ id }) => [id, []]));
  const random = seededRandom(rounds);
  for (const runner of runners) await runSlice(runner, sliceMs);
  for (let round = 0; round < rounds; round++) {
    if (collect === 'each round') collectGarbage();
    for (const runner of shuffle(runners, random)) {
      collectGarbage(collect === 'each slice' ? undefined : { type: 'minor' });
      slices.get(runner.id)?.push(await runSlice(runner, sliceMs));
    }
  }
  const base = slices.get(baseline) ?? [];
  return new Map([...slices].map(([id, own]) => [id, summarise(own, base)]));
}

function summarise(own: readonly Slice[], base: readonly Slice[]): Speed {
  const ratio = (of: (slice: Slice) => number): Ratio => {
    const ratios = own.map((slice, round) => of(slice) / of(base[round] ?? slice));
    return { median: median(ratios), spread: (percentile(ratios, 0.75) - percentile(ratios, 0.25)) / 2 };
  };
  return {
    perSecond: median(own.map(({ perSecond }) => perSecond)),
    cpuMicroseconds: median(own.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    rate: ratio(({ perSecond }) => perSecond),
    cpu: ratio(({ cpuMicroseconds }) => cpuMicroseconds),
  };
}

/** Runs one contestant for `ms` milliseconds, so that its code is compiled before the measurement. */
export async function warmUp(runner: Runner, ms: number): Promise<void> {
  await runSlice(runner, ms);
}

async function runSlice({ operations }: Runner, sliceMs: number): Promise<Slice> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const until = started + sliceMs;
  let done = 0;
  await Promise.all(
    operations.map(async (operation) => {
      while (performance.now() < until) {
        // `done += await …` would be wrong, because JavaScript would read `done` before the wait.
        const count = await operation();
        done += count;
      }
    }),
  );
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (done * 1000) / (performance.now() - started), cpuMicroseconds: (user + system) / done };
}

/** Collects garbage, so that no contestant's time includes the garbage of the previous contestant. */
const collectGarbage = ((): ((how?: { type: 'minor' }) => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as (how?: { type: 'minor' }) => void;
})();
