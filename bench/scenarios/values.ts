/** Checks which values are preserved: one instance loads each value, and another instance reads the value. */
import { isDeepStrictEqual } from 'node:util';
import { type Bench, type Cell, type Row, settingsOf } from '../bench.ts';
import type { Contestant } from '../contestant.ts';
import { idle } from '../measure/steps.ts';

type Fate = 'kept' | 'changed' | 'not cached' | 'throws';

const falsy = { null: null, '0': 0, "''": '', false: false };
const rich = {
  Date: { at: new Date(Date.UTC(2026, 2, 1)) },
  Map: { by: new Map([['id', 1]]) },
  BigInt: { amount: 9_007_199_254_740_993n },
};

/** Measures all contestants. */
export async function values(bench: Bench): Promise<Row[]> {
  const small: Row = { id: 'falsy', title: "`null`, 0, '', `false`", cells: {}, better: 'more', tolerance: 0 };
  const large: Row = { id: 'rich', title: 'Date, Map, BigInt', cells: {}, better: 'more', tolerance: 0 };
  for (const contestant of bench.contestants.filter(({ id }) => id !== 'none')) {
    bench.progress(`values: ${contestant.label}`);
    small.cells[contestant.id] = await fates(bench, contestant, falsy);
    large.cells[contestant.id] = await fates(bench, contestant, rich);
  }
  return [small, large];
}

async function fates(bench: Bench, contestant: Contestant, wanted: Record<string, unknown>): Promise<Cell> {
  const found = new Map<Fate, string[]>();
  for (const [name, value] of Object.entries(wanted)) {
    const fate = await fateOf(bench, contestant, value);
    found.set(fate, [...(found.get(fate) ?? []), name]);
  }
  const [only] = found.keys();
  const text = [...found].map(([fate, names]) => `${names.join(', ')} ${fate}`).join('; ');
  return { text: found.size === 1 && only ? only : text, value: found.get('kept')?.length ?? 0 };
}

async function fateOf(bench: Bench, contestant: Contestant, value: unknown): Promise<Fate> {
  const key = bench.newKey(contestant);
  try {
    await (await contestant.open(settingsOf(bench.rest))).caller().read(key, async () => value);
    await idle(bench.rest);
    let loaded = false;
    const again = await (await contestant.open(settingsOf(bench.rest))).caller().read(key, async () => {
      loaded = true;
      return value;
    });
    if (loaded) return 'not cached';
    return isDeepStrictEqual(again, value) ? 'kept' : 'changed';
  } catch {
    return 'throws';
  }
}
