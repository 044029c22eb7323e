/**
 * The race matrix without faults: for each kind of invalidation, in every order of the steps of two readers (two reads
 * each) and two writers, no reader gets a value that lacks an acknowledged write. A writer that dies takes no further
 * step: every state counts as an end.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { NOON } from './model/noon.ts';
import { neverStale } from './model/proof.ts';
import type { Scenario } from './model/scenario.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterAll(() => void vi.useRealTimers());

/** With fewer orders than this the model would have lost steps. */
const kinds: Record<string, { writers: Scenario['writers']; orders: bigint }> = {
  tag: { writers: [{ change: 'tag' }, { change: 'tag' }], orders: 70_000_000n },
  forget: { writers: [{ change: 'forget' }, { change: 'forget' }], orders: 25_000_000n },
  pattern: { writers: [{ change: 'pattern' }, { change: 'pattern' }], orders: 20_000_000_000n },
  'write-through': { writers: [{ change: 'write-through' }, { change: 'write-through' }], orders: 700_000_000n },
  'a tag and a write-through': { writers: [{ change: 'tag' }, { change: 'write-through' }], orders: 200_000_000n },
};

describe.each(Object.entries(kinds))('%s', (kind, { writers, orders }) => {
  test('from a cold cache', async () => {
    const found = await neverStale({ name: `${kind}, 2 readers × 2 reads × 2 writers, cold`, reads: 2, writers });
    expect(found.orders).toBeGreaterThanOrEqual(orders);
    expect(found.serving).toBeGreaterThan(0);
  });

  test.each(['warm', 'stale'] as const)('from a %s entry', async (start) => {
    const name = `${kind}, 2 readers × 2 reads × 2 writers, ${start} entry`;
    const found = await neverStale({ name, start, reads: 2, writers });
    expect(found.serving).toBeGreaterThan(0);
  });

  test('with a drain at any time', async () => {
    if (kind === 'forget' || kind === 'pattern') return;
    await neverStale({
      name: `${kind}, 2 readers × 2 writers × drain, warm entry`,
      start: 'warm',
      drained: true,
      writers,
    });
  });
});

test('a writer whose transaction fails removes its own marks only', async () => {
  const writers = [{ change: 'tag', failing: true }, { change: 'tag' }] as const;
  await neverStale({ name: 'a failing and a succeeding writer, warm entry', start: 'warm', reads: 2, writers });
  const through = [{ change: 'write-through', failing: true }, { change: 'write-through' }] as const;
  await neverStale({ name: 'the same, write-through', start: 'warm', reads: 2, writers: through });
});
