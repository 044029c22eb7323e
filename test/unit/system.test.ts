/** The real System: the drawn values are evenly distributed. */
import { expect, test, vi } from 'vitest';
import { realSystem } from '../../src/platform/system.ts';

test('digits are as many as asked for, and equally likely', () => {
  const counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 5_000; draw += 1) {
    const digits = realSystem.digits(8);
    expect(digits).toMatch(/^\d{8}$/);
    for (const digit of digits) counts[Number(digit)] = (counts[Number(digit)] ?? 0) + 1;
  }
  // 40,000 digits: a count is more than six standard deviations from 4,000 once in 50 million runs. This does not show
  // a modulo bias; the next test does.
  for (const count of counts) expect(Math.abs(count - 4_000)).toBeLessThan(360);
});

test('bytes that would make some digits more likely are drawn again', () => {
  const bytes = [250, 255, 249, 0, 11, 251, 99];
  const source = vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
    if (array instanceof Uint8Array)
      for (let index = 0; index < array.length; index += 1) array[index] = bytes.shift() ?? 7;
    return array;
  });
  expect(realSystem.digits(3)).toBe('901');
  source.mockRestore();
});

test('the ids of rows are ULIDs of the current time, and each of their random characters is equally likely', () => {
  const counts = new Map<string, number>();
  const ids = Array.from({ length: 4_000 }, () => realSystem.rowId('deal'));
  for (const id of ids) {
    expect(id).toMatch(/^deal_[0-9A-HJKMNP-TV-Z]{26}$/);
    for (const character of id.slice(-16)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  expect(new Set(ids).size).toBe(ids.length);
  // 64,000 characters of 32 kinds: a count is more than six standard deviations from 2,000 once in 15 million runs.
  expect(counts.size).toBe(32);
  for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(265);
});

test('ids and tokens take their random bytes from a stock of 4,096 bytes, and none is made twice', () => {
  const source = vi.spyOn(crypto, 'getRandomValues');
  const made = Array.from({ length: 300 }, () => [realSystem.rowId('deal').slice(-16), realSystem.token()]).flat();
  const draws = source.mock.calls.map(([bytes]) => (bytes as Uint8Array).length);
  source.mockRestore();
  // 300 ids and 300 tokens take 9,600 bytes; the stock of earlier calls may have a part of them.
  expect(draws.slice(0, 2)).toEqual([4_096, 4_096]);
  expect(draws.length).toBeLessThanOrEqual(3);
  expect(new Set(made).size).toBe(600);
});
