/**
 * Loads that fail, and readers that wait for them: no reader gets an error from before an acknowledged write, in every
 * order of the steps of readers and writers, and with each single fault. And without faults, no two readers load at the
 * same time.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { scriptNameOf } from '../support/script-names.ts';
import { NOON } from './model/noon.ts';
import { foundStale, neverStale, somethingWrong } from './model/proof.ts';
import { GONE, LOST_BY_READERS, type Scenario } from './model/scenario.ts';
import { World } from './model/world.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterAll(() => void vi.useRealTimers());

/** Long enough for two pauses. */
const waitMs = 50;
const twoTags = [{ change: 'tag' }, { change: 'tag' }] as const;

describe.each(['always', 'without a write'] as const)('loads that fail %s', (failing) => {
  test.each(['tag', 'forget', 'write-through'] as const)('2 readers, a writer of the kind %s', async (change) => {
    const name = `loads fail ${failing}, 2 readers × 2 reads, ${change}`;
    await neverStale({ name, reads: 2, writers: [{ change }], reading: { waitMs, failing } });
  });

  test('2 readers and 2 writers', async () => {
    const name = `loads fail ${failing}, 2 readers × 2 writers`;
    await neverStale({ name, writers: twoTags, reading: { waitMs, failing } });
  });
});

test.each(Object.entries({ ...LOST_BY_READERS, ...GONE }))('loads fail, and %s', async (fault, faults) => {
  const reading = { waitMs, failing: 'without a write' } as const;
  await neverStale({ name: `loads fail, ${fault}`, writers: [{ change: 'tag' }], reading, faults, timers: 1 });
});

describe('no two readers load at the same time', () => {
  const alone = { writers: [], timers: 1, alone: true } as const;

  test.each([
    { readers: 2, reads: 2, failing: undefined },
    { readers: 2, reads: 2, failing: 'always' },
    { readers: 3, reads: 1, failing: undefined },
    { readers: 3, reads: 1, failing: 'always' },
  ] as const)('$readers readers × $reads reads, loads fail: $failing', async ({ readers, reads, failing }) => {
    const name = `${readers} readers × ${reads} reads, loads fail: ${failing ?? 'never'}`;
    const reading = { waitMs, failing, refusing: true } as const;
    const found = await neverStale({ ...alone, name, readers, reads, reading });
    expect(found.orders).toBeGreaterThan(10_000n);
  });
});

/** Replaces a part of the script that takes leases, and fails if the script lacks the part. */
function breaking(part: string, by: string): (lua: string) => string {
  return (lua) => {
    if (scriptNameOf(lua) !== 'lease.acquire') return lua;
    if (!lua.includes(part)) throw new Error(`The script has changed: it no longer says ${part}`);
    return lua.replaceAll(part, by);
  };
}

describe('the exploration finds', () => {
  const failing: Omit<Scenario, 'name'> = {
    writers: [{ change: 'tag' }],
    reads: 2,
    reading: { waitMs, failing: 'always' },
  };

  test('an error that is accepted with other versions', async () => {
    const broken = breaking("loadedWith ~= table.concat(own, ',')", 'false');
    await foundStale({ ...failing, name: 'versions of errors ignored', breaking: broken });
  });

  test('a lease that is given away', async () => {
    const scenario: Scenario = {
      name: 'held leases taken',
      writers: [],
      alone: true,
      reading: { waitMs, refusing: true },
      breaking: breaking("holder == ''", 'true'),
    };
    expect(await somethingWrong(scenario.name, new World(scenario))).toContain('TOGETHER');
  });
});
