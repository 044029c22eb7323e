/**
 * Measures the CPU time of loading the Worker's bundle, before the first request, for this tree and for an earlier
 * commit. The two bundles take turns, and each load has a new process, so that both bundles have the same noise.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Bench, Cell, Row } from '../bench.ts';
import { median } from '../measure/summary.ts';
import { buildCommit, buildHere } from '../start-up/bundle.ts';
import { REFERENCE } from '../start-up/commit.ts';

const LOADS = 20;
const LOADER = fileURLToPath(new URL('../start-up/load.js', import.meta.url));

/** Measures both bundles. A quick run has no time for building bundles. */
export async function startUp(bench: Bench): Promise<Row[]> {
  if (bench.quick) return [];
  bench.progress('start-up: building two bundles');
  const bundles = new Map([['holdfast', buildHere()]]);
  const reference = buildCommit(REFERENCE);
  if (reference) bundles.set('reference', reference);
  bench.progress('start-up: loading the bundles');
  const loads = loadInTurns(bundles, LOADS);
  const base = median(loads.get('reference') ?? []);
  const cells: Record<string, Cell> = {};
  for (const [id, times] of loads) {
    const value = median(times);
    const ratio = id === 'reference' || Number.isNaN(base) ? '' : ` (${(value / base).toFixed(2)})`;
    cells[id] = { text: `${Math.round(value)} ms${ratio}`, value };
  }
  return [
    { id: 'start-up', title: `CPU of a load, median of ${LOADS}`, cells },
    { id: 'start-up-code', title: 'JavaScript that is loaded', cells: sizes(bundles) },
  ];
}

/** Returns the CPU time of each load in ms, by bundle. The order of the bundles alternates. */
function loadInTurns(bundles: ReadonlyMap<string, string>, loads: number): Map<string, number[]> {
  const times = new Map([...bundles.keys()].map((id) => [id, [] as number[]]));
  const inOrder = [...bundles];
  // The first load of each bundle reads its file into the system's cache and is not counted.
  for (let round = 0; round <= loads; round++) {
    for (const [id, bundle] of round % 2 === 0 ? inOrder : inOrder.toReversed()) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [LOADER, bundle], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`The bundle ${bundle} does not load: ${stderr}`);
      if (round > 0) times.get(id)?.push(Number(stdout));
    }
  }
  return times;
}

function sizes(bundles: ReadonlyMap<string, string>): Record<string, Cell> {
  return Object.fromEntries(
    [...bundles].map(([id, bundle]) => {
      const kib = Math.round(readFileSync(bundle).byteLength / 1024);
      return [id, { text: `${kib.toLocaleString('en')} KiB` }];
    }),
  );
}
