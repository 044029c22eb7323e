/**
 * Redis answers with refusals: it is full, read-only, or lacks a permission, in periods that begin and end at any time.
 * In every order of steps and refusals, no reader gets a value that lacks an acknowledged write.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { NOON } from './model/noon.ts';
import { neverStale } from './model/proof.ts';
import { REFUSED, type Scenario } from './model/scenario.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterAll(() => void vi.useRealTimers());

const kinds: Record<string, Scenario['writers']> = {
  tag: [{ change: 'tag' }, { change: 'tag' }],
  'tag, strict': [
    { change: 'tag', whenDown: 'strict' },
    { change: 'tag', whenDown: 'strict' },
  ],
  'write-through': [{ change: 'write-through' }, { change: 'write-through' }],
  'a tag and a write-through': [{ change: 'tag' }, { change: 'write-through' }],
};

describe.each(Object.entries(REFUSED))('%s', (fault, faults) => {
  test.each(Object.entries(kinds))('%s', async (kind, writers) => {
    for (const start of ['cold', 'warm'] as const) {
      const found = await neverStale({ name: `${kind}, ${start}, ${fault}`, start, readers: 1, writers, faults });
      expect(found.serving).toBeGreaterThan(0);
    }
  });

  test('with the drain', async () => {
    const writers = [{ change: 'tag' }] as const;
    await neverStale({ name: `tag, ${fault}; the drain`, start: 'warm', writers, faults, drained: true, drains: 2 });
  });

  test('a writer whose transaction fails', async () => {
    const writers = [{ change: 'tag', failing: true }, { change: 'tag' }] as const;
    await neverStale({ name: `one writer fails, ${fault}`, start: 'warm', readers: 1, writers, faults });
  });

  test.each(['forget', 'pattern'] as const)('%s', async (change) => {
    await neverStale({ name: `${change}, ${fault}`, start: 'stale', writers: [{ change }, { change }], faults });
  });
});
