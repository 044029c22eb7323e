/**
 * Measures operations per second over longer slices, with deletes: of ten operations, nine read a key, and one
 * deletes a key, so that the next read of the key loads and stores the value. 64 callers share one client, like the
 * requests of a busy process.
 */

import { seededRandom } from '../../dev/random/seeded.ts';
import { type Bench, type Row, settingsOf } from '../bench.ts';
import { sampleValue } from '../measure/sample.ts';
import { alternate, type Runner, type SlicePlan } from '../measure/slices.ts';
import { idle } from '../measure/steps.ts';

const CALLERS = 64;
const KEYS_PER_CALLER = 16;
const DELETES = 0.1;
const load = async () => sampleValue;

/** Measures all contestants. */
export async function sustained(bench: Bench): Promise<Row[]> {
  bench.progress('sustained operations');
  await bench.rest.ignore();
  const runners: Runner[] = [];
  for (const contestant of bench.contestants.filter(({ id, memory }) => id !== 'none' && !memory)) {
    const caller = (await contestant.open(settingsOf(bench.rest))).caller();
    if (!caller.forget) continue;
    const random = seededRandom(1);
    const operations = Array.from({ length: CALLERS }, () => {
      const prefix = bench.newKey(contestant);
      return async () => {
        const key = `${prefix}-${Math.floor(random() * KEYS_PER_CALLER)}`;
        if (random() < DELETES) await caller.forget?.(key);
        else await caller.read(key, load);
        return 1;
      };
    });
    runners.push({ id: contestant.id, operations });
  }
  await idle(bench.rest);
  const plan: SlicePlan = bench.quick
    ? { rounds: 3, sliceMs: 75, collect: 'each round' }
    : { rounds: 7, sliceMs: 500, collect: 'each slice' };
  const speeds = await alternate(runners, 'raw', plan);
  const cells = [...speeds].map(([id, { perSecond, rate: ratio }]) => {
    const rate = Math.round(perSecond).toLocaleString('en');
    return [
      id,
      { text: id === 'raw' ? rate : `${rate} (${ratio.median.toFixed(2)})`, value: ratio.median, spread: ratio.spread },
    ] as const;
  });
  const title = 'operations/s, 90 % reads, 10 % deletes, shared client';
  return [{ id: 'sustained', title, cells: Object.fromEntries(cells), better: 'more', tolerance: 0.1 }];
}
