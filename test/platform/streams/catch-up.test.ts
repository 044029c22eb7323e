/** A group that is behind, and an event that fails, that ends the runs, or that takes too long. */
import { beforeEach, expect, test } from 'vitest';
import { consumer } from '../../../src/platform/streams/index.ts';
import { numbers, openStage } from './stage.ts';

const counted = numbers();
let seen: number[];
let sizes: number[];
let run: (n: number) => unknown;
const only = consumer(counted, 'only', {
  order: 'none',
  retries: 4,
  async run(events) {
    sizes.push(events.length);
    for (const { data } of events) await run(data.n);
    seen.push(...events.map(({ data }) => data.n));
  },
});
const stage = openStage(() => [only]);
beforeEach(() => {
  seen = [];
  sizes = [];
  run = () => {};
});

const range = (count: number) => Array.from({ length: count }, (_, n) => ({ key: `k${n}`, n }));
const isBehind = async () => (await stage.command('HEXISTS', stage.stateKey(counted), 'loss:only')) === 1;

/** Runs the group until `run` gets the number. There the run stops for good, as if its process died. */
async function dieAt(fatal: number): Promise<void> {
  const died = Promise.withResolvers<void>();
  run = (n) => {
    if (n !== fatal) return;
    died.resolve();
    return new Promise(() => {});
  };
  void stage.run(only);
  await died.promise;
  await stage.pass(120_000);
}

test('an event that ends each run comes alone after two ends, and is then put aside with NO_END', async () => {
  await stage.append(counted, range(4));
  for (let end = 0; end < 2; end += 1) await dieAt(2);
  expect([seen, sizes]).toEqual([[], [4, 4]]);
  sizes = [];
  await dieAt(2);
  // The events before it were handled alone, and the next attempts are its own.
  expect([seen, sizes]).toEqual([
    [0, 1],
    [1, 1, 1],
  ]);
  for (let end = 0; end < 4; end += 1) await dieAt(2);
  await stage.runToEnd(only);
  expect(await stage.dead(only)).toEqual([{ key: 'k2', version: 1, reason: 'NO_END' }]);
  expect(seen).toEqual([0, 1, 3]);
});

test('an event that fails uses up its attempts, although Redis loses more entries meanwhile', async () => {
  await stage.append(counted, range(2));
  run = (n) => {
    if (n === 0) throw new RangeError('poison');
  };
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await stage.run(only);
    await stage.pass(120_000);
    // As after each publication to a stream that is too long.
    await stage.command('HSET', stage.stateKey(counted), 'loss:only', `loss-${attempt}`);
  }
  expect(await stage.dead(only)).toEqual([{ key: 'k0', version: 1, reason: 'RangeError' }]);
  await stage.runToEnd(only);
  expect(seen).toEqual([1]);
  expect(await isBehind()).toBe(false);
});

test('a fault of the database uses up no attempt', async () => {
  await stage.append(counted, range(2));
  for (let attempt = 0; attempt < 6; attempt += 1) {
    run = () => Promise.reject(new Error('Connection terminated unexpectedly'));
    await stage.run(only);
    await stage.pass(60_000);
  }
  run = () => {};
  await stage.runToEnd(only);
  expect([seen, await stage.dead(only)]).toEqual([[0, 1], []]);
});
