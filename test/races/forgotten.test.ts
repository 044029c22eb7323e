/**
 * Redis forgets: at any time its contents go back to those of any earlier time, as after a failover to a replica that
 * lags. Acknowledged commands since then are lost, marks and settles too, so old values may be served; but only until
 * the drain has had its second look at the kept invalidations.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { NOON } from './model/noon.ts';
import { foundStale, neverStale } from './model/proof.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterAll(() => void vi.useRealTimers());

const faults = [{ kind: 'forgotten' }] as const;
const kept = { faults, drained: true, drains: 2, excused: 'while kept' } as const;

test('is found: an old value is served after the acknowledgement', async () => {
  const found = await foundStale({ name: 'Redis forgets', start: 'warm', writers: [{ change: 'tag' }], faults });
  expect(found).toContain('the replica takes over');
});

test.each(['cold', 'warm', 'stale'] as const)('a tag, %s: only until the drain’s second look', async (start) => {
  await neverStale({ ...kept, name: `Redis forgets, tag, ${start}`, start, writers: [{ change: 'tag' }] });
});

test('two writers of a tag', async () => {
  const writers = [{ change: 'tag' }, { change: 'tag' }] as const;
  await neverStale({ ...kept, name: 'Redis forgets, 2 writers of a tag', start: 'warm', readers: 1, writers });
});

test.each(['cold', 'warm'] as const)('a write-through, %s', async (start) => {
  const writers = [{ change: 'write-through' }] as const;
  await neverStale({ ...kept, name: `Redis forgets, write-through, ${start}`, start, writers });
});
