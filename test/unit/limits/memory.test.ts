/** The isolate's memory of limits: bounded in keys, and in entries for each caller. */
import { expect, test } from 'vitest';
import { createLimitMemory, rule, sliding } from '../../../src/platform/limits/index.ts';
import { key } from '../../../src/platform/redis/index.ts';

const keyOf = (who: number | string) => key('acme', 'limit', 'r', String(who));
const blockUntil = (passesAt: number) => ({ askAgainAt: passesAt, passesAt, remaining: 0 });
const limited = rule('r', { window: sliding(3, '1m'), by: 'user', whenDown: 'local' });
const claimOf = (who: number | string, now: number, cost = 1) => ({
  rule: limited,
  key: keyOf(who),
  claimed: true,
  cost,
  now,
});

test('a block holds for its key and cost until it is lifted', () => {
  const memory = createLimitMemory();
  memory.block(keyOf('a'), 5, blockUntil(1000));
  expect(memory.blocks.get(keyOf('a'))?.get(5)).toMatchObject({ passesAt: 1000 });
  expect(memory.blocks.get(keyOf('a'))?.get(1)).toBeUndefined();
  expect(memory.blocks.get(keyOf('b'))?.get(5)).toBeUndefined();
  memory.unblock(keyOf('a'));
  expect(memory.blocks.get(keyOf('a'))?.get(5)).toBeUndefined();
});

test('with many callers, the least recent are forgotten', () => {
  const memory = createLimitMemory({ maxKeys: 100 });
  for (let who = 0; who < 10_000; who += 1) {
    memory.block(keyOf(who), 1, blockUntil(1000));
    memory.consumeLocally(claimOf(who, 0));
  }
  expect(memory.size).toEqual({ blocks: 100, counters: 100 });
  expect(memory.blocks.get(keyOf(9999))?.get(1)).toBeDefined();
  expect(memory.blocks.get(keyOf(0))?.get(1)).toBeUndefined();
});

test('with many costs of one caller, the oldest are forgotten', () => {
  const memory = createLimitMemory();
  for (let cost = 1; cost <= 1000; cost += 1) memory.block(keyOf('a'), cost, blockUntil(1000));
  expect([...(memory.blocks.get(keyOf('a')) ?? [])].map(([cost]) => cost)).toEqual([997, 998, 999, 1000]);
});

test('local counts go up to the limit in each window; a refused claim consumes nothing', () => {
  const memory = createLimitMemory();
  expect([1, 2, 3, 4].map(() => memory.consumeLocally(claimOf('a', 59_999)))).toEqual([2, 1, 0, null]);
  expect(memory.consumeLocally(claimOf('a', 60_000, 2))).toBe(1);
  expect(memory.consumeLocally(claimOf('a', 60_000, 2))).toBeNull();
  expect(memory.consumeLocally(claimOf('a', 60_000, 1))).toBe(0);
  memory.refundLocally(claimOf('a', 60_000, 1));
  expect(memory.consumeLocally(claimOf('a', 60_000))).toBe(0);
  // A refund for a window that is over does not add quota to the next window.
  memory.refundLocally(claimOf('a', 59_999, 3));
  expect(memory.consumeLocally(claimOf('a', 60_000))).toBeNull();
});
