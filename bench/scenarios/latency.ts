/** Measures the latency of a hit for one caller: percentiles over all rounds, in which contestants take turns. */
import { type Bench, type Row, settingsOf } from '../bench.ts';
import { sampleValue } from '../measure/sample.ts';
import { median, percentile } from '../measure/summary.ts';

const load = async () => sampleValue;
const HITS_PER_TURN = 50;

/** Measures all contestants. */
export async function latency(bench: Bench): Promise<Row[]> {
  bench.progress('latency of a hit');
  await bench.rest.ignore();
  const readers: { id: string; read: () => Promise<unknown>; times: number[] }[] = [];
  for (const contestant of bench.contestants.filter(({ id }) => id !== 'none')) {
    const caller = (await contestant.open(settingsOf(bench.rest))).caller();
    const key = bench.newKey(contestant);
    await caller.read(key, load);
    readers.push({ id: contestant.id, read: () => caller.read(key, load), times: [] });
  }
  for (let round = -2; round < (bench.quick ? 3 : 40); round++) {
    for (const { read, times } of readers) {
      for (let hit = 0; hit < HITS_PER_TURN; hit++) {
        const started = performance.now();
        await read();
        if (round >= 0) times.push(performance.now() - started);
      }
    }
  }
  const row = (id: string, title: string, of: (times: readonly number[]) => number): Row => ({
    id,
    title,
    cells: Object.fromEntries(readers.map(({ id, times }) => [id, cell(of(times))])),
    tolerance: 0.25,
  });
  return [
    { ...row('p50', 'a hit, 1 caller: p50', median), better: 'less' },
    { ...row('p95', 'a hit, 1 caller: p95', (times) => percentile(times, 0.95)), better: 'less' },
    // p99 is not ranked, because one stall of the machine per hundred hits decides the value.
    row('p99', 'a hit, 1 caller: p99', (times) => percentile(times, 0.99)),
  ];
}

function cell(ms: number) {
  return { text: ms < 0.01 ? '< 0.01 ms' : `${ms.toFixed(2)} ms`, value: ms };
}
