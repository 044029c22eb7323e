/**
 * Many callers read a cold key at once: measures the number of loads, and the time until the last caller has the
 * value. The loader takes 50 ms. Instances share only Redis; every caller of an instance is a separate request.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type Row, settingsOf } from '../bench.ts';
import type { Contestant } from '../contestant.ts';
import { sampleValue } from '../measure/sample.ts';
import { median } from '../measure/summary.ts';

const LOAD_MS = 50;

/** Measures all contestants. */
export async function stampede(bench: Bench): Promise<Row[]> {
  const title = (instances: number, callers: number) =>
    `${instances} ${instances === 1 ? 'instance' : 'instances'} × ${callers} callers`;
  const one: Row = {
    id: 'stampede-1',
    title: `${title(1, 50)}: loader calls`,
    cells: {},
    better: 'less',
    tolerance: 0,
  };
  const ten: Row = {
    id: 'stampede-10',
    title: `${title(10, 5)}: loader calls`,
    cells: {},
    better: 'less',
    tolerance: 0,
  };
  const last: Row = {
    id: 'stampede-ms',
    title: 'time until the last caller is answered',
    cells: {},
    better: 'less',
    tolerance: 0.2,
  };
  const rounds = bench.quick ? 3 : 9;
  for (const contestant of bench.contestants) {
    bench.progress(`stampede: ${contestant.label}`);
    const first = await rush(bench, contestant, 1, 50);
    const others = [];
    for (let round = 0; round < rounds; round++) others.push(await rush(bench, contestant, 10, 5));
    const worst = Math.max(...others.map(({ loads }) => loads));
    const ms = median(others.map((each) => each.ms));
    one.cells[contestant.id] = { text: String(first.loads), value: first.loads };
    ten.cells[contestant.id] = { text: String(worst), value: worst };
    last.cells[contestant.id] = { text: `${Math.round(ms)} ms`, value: ms };
  }
  return [one, ten, last];
}

async function rush(bench: Bench, contestant: Contestant, instances: number, callers: number) {
  const key = bench.newKey(contestant);
  let loads = 0;
  const load = async () => {
    loads += 1;
    await sleep(LOAD_MS);
    return sampleValue;
  };
  const opened = await Promise.all(Array.from({ length: instances }, () => contestant.open(settingsOf(bench.rest))));
  const all = opened.flatMap((instance) => Array.from({ length: callers }, () => instance.caller()));
  const started = performance.now();
  await Promise.all(all.map((caller) => caller.read(key, load)));
  return { loads, ms: performance.now() - started };
}
