/** One fault, with a writer that changes a tag and one that writes through a query with this tag. */
import { afterAll, beforeAll, vi } from 'vitest';
import { NOON } from './model/noon.ts';
import { neverStaleUnderOneFault } from './model/single-faults.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterAll(() => void vi.useRealTimers());

neverStaleUnderOneFault('a tag and a write-through', [{ change: 'tag' }, { change: 'write-through' }]);
