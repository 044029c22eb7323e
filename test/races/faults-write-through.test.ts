/** One thing goes wrong, with two writers that write through: what they store is never older than what another wrote. */
import { afterAll, beforeAll, vi } from 'vitest';
import { NOON } from './model/noon.ts';
import { neverStaleUnderOneFault } from './model/single-faults.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterAll(() => void vi.useRealTimers());

neverStaleUnderOneFault('write-through', [{ change: 'write-through' }, { change: 'write-through' }]);
