/** One fault, with two write-through writers: a stored value is never older than an acknowledged write of the other. */
import { afterAll, beforeAll, vi } from 'vitest';
import { NOON } from './model/noon.ts';
import { neverStaleUnderOneFault } from './model/single-faults.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterAll(() => void vi.useRealTimers());

neverStaleUnderOneFault('write-through', [{ change: 'write-through' }, { change: 'write-through' }]);
