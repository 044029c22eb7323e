/**
 * One fault, at any time and in every order: with writers that change a tag, no reader gets a value that lacks an
 * acknowledged write. After the fault the drain may run at any time, or never.
 */
import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import { NOON } from './model/noon.ts';
import { neverStale } from './model/proof.ts';
import { LATE_FROM_WRITERS, LOST_BY_WRITERS } from './model/scenario.ts';
import { neverStaleUnderOneFault } from './model/single-faults.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterAll(() => void vi.useRealTimers());

const writers = [{ change: 'tag' }, { change: 'tag' }] as const;

describe('a cold cache', () => neverStaleUnderOneFault('tag, cold', writers));
describe('a stale entry', () => neverStaleUnderOneFault('tag, stale', writers, 'stale'));

test('a writer’s request is lost, with 2 readers and the drain', async () => {
  const faults = LOST_BY_WRITERS['a writer’s request is lost'] ?? [];
  await neverStale({
    name: 'tag, a writer’s request is lost; 2 readers and the drain',
    writers,
    faults,
    drained: true,
  });
});

test('a mark lost in strict mode: the write is refused', async () => {
  const strict = { change: 'tag', whenDown: 'strict' } as const;
  const faults = [
    { kind: 'lost', steps: ['mark'] },
    { kind: 'answer lost', steps: ['mark'] },
    { kind: 'late', steps: ['mark'] },
  ] as const;
  await neverStale({ name: 'tag, strict, a mark lost, late or without an answer', writers: [strict, strict], faults });
});

test('a failing writer whose request is lost, late or without an answer', async () => {
  const faults = [
    ...(LOST_BY_WRITERS['a writer’s request is lost'] ?? []),
    ...(LATE_FROM_WRITERS['a writer’s request arrives late'] ?? []),
  ];
  await neverStale({
    name: 'tag, one writer fails, and a request is lost or late',
    writers: [{ change: 'tag', failing: true }, { change: 'tag' }],
    faults,
  });
});
