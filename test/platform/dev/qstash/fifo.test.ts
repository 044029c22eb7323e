/** The FIFO queue behind queues and waitlists. */
import { expect, test } from 'vitest';
import { fifo } from '../../../../dev/qstash/fifo.ts';

test('the first item leaves first, for any number of items', () => {
  const line = fifo<{ n: number }>();
  const left: number[] = [];
  let next = 0;
  for (let round = 0; round < 50; round++) {
    for (let n = 0; n < 100; n++) line.push({ n: next++ });
    for (let n = 0; n < 95; n++) left.push(line.shift()?.n ?? -1);
  }
  expect(left).toEqual(Array.from({ length: 50 * 95 }, (_, n) => n));
  expect([...line].map(({ n }) => n)).toEqual(Array.from({ length: 50 * 5 }, (_, n) => 50 * 95 + n));
  for (let n = 0; n < 50 * 5; n++) line.shift();
  expect(line.shift()).toBeUndefined();
  line.push({ n: -2 });
  expect(line.shift()).toEqual({ n: -2 });
});

test('removed items are skipped', () => {
  const line = fifo<{ n: number; gone?: boolean }>(({ gone }) => gone === true);
  const items = [0, 1, 2, 3].map((n) => ({ n, gone: false }));
  for (const item of items) line.push(item);
  for (const n of [0, 2]) Object.assign(items[n] ?? {}, { gone: true });
  expect([...line].map(({ n }) => n)).toEqual([1, 3]);
  expect(line.peek()?.n).toBe(1);
  expect(line.shift()?.n).toBe(1);
  expect(line.shift()?.n).toBe(3);
  expect(line.peek()).toBeUndefined();
});
