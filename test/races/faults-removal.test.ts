/**
 * One fault, at any time and in every order, with writers that remove entries. A removal that Redis did not confirm is
 * an error, so its write is not acknowledged; no read lacks an acknowledged write.
 */
import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import { NOON } from './model/noon.ts';
import { neverStale } from './model/proof.ts';
import { GONE, LATE_FROM_WRITERS, LOST_BY_READERS, LOST_BY_WRITERS } from './model/scenario.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterAll(() => void vi.useRealTimers());

const { 'the version is evicted': _, ...gone } = GONE;

describe.each(['forget', 'pattern'] as const)('%s', (change) => {
  const faults = { ...LOST_BY_READERS, ...LOST_BY_WRITERS, ...LATE_FROM_WRITERS, ...gone };
  test.each(Object.entries(faults))('%s', async (fault, each) => {
    const writers = [{ change }, { change }];
    for (const start of ['cold', 'stale'] as const) {
      await neverStale({ name: `${change}, ${start}, ${fault}`, start, writers, faults: each });
    }
  });
});
