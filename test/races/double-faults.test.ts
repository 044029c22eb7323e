/**
 * Two faults at once: the documented exception. When Redis learns neither the beginning nor the end of a write, older
 * entries are served until the drain handles the write's outbox entry, and never after that.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { NOON } from './model/noon.ts';
import { foundStale, neverStale } from './model/proof.ts';
import type { Scenario } from './model/scenario.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterAll(() => void vi.useRealTimers());

const pairs: Record<string, NonNullable<Scenario['faults']>> = {
  'the mark lost and the settle lost': [
    { kind: 'lost', steps: ['mark'] },
    { kind: 'lost', steps: ['settle'] },
  ],
  'the version evicted and the settle lost': [
    { kind: 'gone', what: 'version' },
    { kind: 'lost', steps: ['settle'] },
  ],
};

describe.each(Object.entries(pairs))('%s', (name, faults) => {
  const scenario = { writers: [{ change: 'tag' }, { change: 'tag' }], faults, atOnce: 2 } as const;

  test('is found: an old value is served after the acknowledgement', async () => {
    const found = await foundStale({ ...scenario, name, start: 'warm' });
    expect(found).toContain('settle (lost) · acknowledged');
  });

  test('… only while the invalidation is in the outbox', async () => {
    const writers = [{ change: 'tag' }] as const;
    const excused = { ...scenario, writers, drained: true, excused: 'while queued' } as const;
    await neverStale({ ...excused, name: `${name}, once the outbox is drained`, start: 'warm' });
    await neverStale({ ...excused, name: `${name}, once the outbox is drained, cold`, start: 'cold' });
  });
});

test('in strict mode a lost mark refuses the write, so even both faults together serve no old value', async () => {
  const writers = [
    { change: 'tag', whenDown: 'strict' },
    { change: 'tag', whenDown: 'strict' },
  ] as const;
  const faults = pairs['the mark lost and the settle lost'] ?? [];
  await neverStale({ name: 'strict, the mark lost and a settle lost', start: 'warm', writers, faults, atOnce: 2 });
});
