/**
 * The one exception to the rule: an isolate's own memory. In every order of its reads and of a write elsewhere, while
 * time passes between steps and during requests, a served value may lack an acknowledged write, but for less than the
 * query's `memory`.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { rememberingReads, writer } from './model/actors.ts';
import { MemoryWorld } from './model/memory-world.ts';
import { NOON } from './model/noon.ts';
import { nothingWrong, somethingWrong } from './model/proof.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterAll(() => void vi.useRealTimers());

const MEMORY_MS = 2_000;
const programs = { R0: rememberingReads(MEMORY_MS, 2), W0: writer('W0', 'tag') };
const scenario = { programs, tickMs: 1_000, ticks: 3, start: '' };

test('never older than the bound', async () => {
  const world = new MemoryWorld({ ...scenario, boundMs: MEMORY_MS });
  await nothingWrong('memory of 2 s, 2 reads × 1 writer elsewhere × 3 seconds', world, 'never stale for 2 s or longer');
});

test('within the bound an older value may be served', async () => {
  const world = new MemoryWorld({ ...scenario, boundMs: MEMORY_MS - scenario.tickMs });
  const found = await somethingWrong('memory of 2 s, asked never to be stale for 1 s', world);
  expect(found).toContain('1000 ms after the write was acknowledged');
});
