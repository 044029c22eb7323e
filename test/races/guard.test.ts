/**
 * The guard never denies an acknowledged member: in every order of the steps of writers and rebuilds, with the filter or
 * the rebuild evicted, Redis flushed, and requests lost, late, repeated or without an answer.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { scriptNameOf } from '../support/script-names.ts';
import { type GuardFault, type GuardScenario, GuardWorld } from './model/guard-world.ts';
import { NOON } from './model/noon.ts';
import { nothingWrong, somethingWrong } from './model/proof.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterAll(() => void vi.useRealTimers());

const FAULTS: readonly GuardFault[] = [
  'the filter is evicted',
  'the rebuild is evicted',
  'flush',
  'lost',
  'answer lost',
  'late',
  'twice',
];
const never = (name: string, scenario: GuardScenario) => nothingWrong(name, new GuardWorld(scenario), 'no false "no"');

test('2 writers and 2 rebuilds, without faults', async () => {
  const found = await never('guard, 2 writers × 2 rebuilds', { writers: 2, rebuilds: 2, faults: [] });
  // In some states the guard denies strangers, so the property is not empty.
  expect(found.serving).toBeGreaterThan(0);
});

describe.each([false, true])('a filter at first: %s', (filled) => {
  test.each(FAULTS)('1 writer and 2 rebuilds: %s', async (fault) => {
    const found = await never(`guard, ${fault}, filled: ${filled}`, {
      writers: 1,
      rebuilds: 2,
      faults: [fault],
      filled,
    });
    expect(found.serving).toBeGreaterThan(0);
  });
});

test.each([
  ['flush', 'answer lost'],
  ['the filter is evicted', 'late'],
  ['the rebuild is evicted', 'twice'],
] as const)('two faults, 1 writer and 2 rebuilds: %s and %s', async (...faults) => {
  await never(`guard, ${faults.join(' and ')}`, { writers: 1, rebuilds: 2, faults, filled: true });
});

/** Replaces a part of a script, and fails if the script lacks the part. */
function replacing(name: string, part: string, by: string): (lua: string) => string {
  return (lua) => {
    if (scriptNameOf(lua) !== name) return lua;
    if (!lua.includes(part)) throw new Error(`The script has changed: it no longer says ${part}`);
    return lua.replaceAll(part, by);
  };
}

const broken: Record<string, Omit<GuardScenario, 'writers' | 'rebuilds'>> = {
  'a rebuild does not wait for earlier transactions': { faults: [], filled: true, impatient: true },
  'a member is not added to the rebuild': {
    faults: [],
    filled: true,
    breaking: replacing('guard.add', 'ipairs(KEYS)', 'ipairs({KEYS[1]})'),
  },
  'a rebuild without the members that were added meanwhile is published': {
    faults: ['the rebuild is evicted'],
    filled: true,
    breaking: replacing(
      'guard.publish',
      "if redis.call('GETRANGE', rebuild, 0, #token - 1) ~= token then return 0 end",
      '',
    ),
  },
  'a rebuild that begins twice loses its members': {
    faults: ['twice'],
    breaking: replacing('guard.begin', "string.format('%016.0f', time[1] * 1000000 + time[2])", "string.rep('0', 16)"),
  },
};

test.each(Object.entries(broken))('the exploration finds: %s', async (name, scenario) => {
  const found = await somethingWrong(name, new GuardWorld({ writers: 1, rebuilds: 1, ...scenario }));
  expect(found).toContain('FALSE NO');
});
