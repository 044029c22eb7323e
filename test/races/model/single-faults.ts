/** One fault, at any time and in every order: the suite that every pair of marking writers must pass. */
import { test } from 'vitest';
import { neverStale } from './proof.ts';
import { GONE, LATE_FROM_WRITERS, LOST_BY_READERS, LOST_BY_WRITERS, type Scenario } from './scenario.ts';

/** Declares the tests. With the drain there is one reader, which keeps them short. */
export function neverStaleUnderOneFault(kind: string, writers: Scenario['writers'], start: Scenario['start'] = 'cold') {
  test.each(Object.entries({ ...LOST_BY_READERS, ...GONE }))('%s', async (fault, faults) => {
    await neverStale({ name: `${kind}, ${fault}`, start, writers, faults });
  });

  test.each(Object.entries({ ...LOST_BY_WRITERS, ...LATE_FROM_WRITERS }))(
    '%s; the drain settles',
    async (fault, faults) => {
      await neverStale({ name: `${kind}, ${fault}`, start, writers, faults });
      const name = `${kind}, ${fault}; 1 reader and the drain`;
      await neverStale({ name, start, readers: 1, writers, faults, drained: true });
    },
  );
}
