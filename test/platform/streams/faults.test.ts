/** Faults of Redis and of runs, one at a time: trimmed, vanished, reused and unreadable entries; late and crashed runs. */
import { beforeEach, describe, expect, test } from 'vitest';
import { consumer } from '../../../src/platform/streams/index.ts';
import { numbers, openStage } from './stage.ts';

const counted = numbers({ entries: 100 });
let seen: string[];
/** The number of events of each batch. */
let sizes: number[];
let during: (() => Promise<unknown>) | undefined;
const only = consumer(counted, 'only', {
  order: 'none',
  retries: 2,
  async run(events) {
    const interruption = during;
    during = undefined;
    await interruption?.();
    sizes.push(events.length);
    seen.push(...events.map(({ key, version }) => `${key}${version}`));
  },
});
const stage = openStage(() => [only]);
beforeEach(async () => {
  seen = [];
  sizes = [];
  during = undefined;
  await stage.settleGroups([only]);
});

const range = (count: number) => Array.from({ length: count }, (_, n) => ({ key: 'a', n }));
const all = (count: number) => Array.from({ length: count }, (_, index) => `a${index + 1}`);
const name = () => stage.streamKey(counted);
type Entry = [id: string, fields: [string, string]];
const entries = async () => (await stage.command('XRANGE', name(), '-', '+')) as Entry[];
const pending = async () => ((await stage.command('XPENDING', name(), 'only')) as [number])[0];

describe('entries that Redis has lost', () => {
  test('by the emergency brake: the stream stays near its bound, and the group resumes from SQL', async () => {
    for (let batch = 0; batch < 4; batch += 1) await stage.append(counted, range(100));
    expect(await stage.entries(counted)).toBeLessThanOrEqual(300);
    expect(await stage.command('HEXISTS', stage.stateKey(counted), 'loss:only')).toBe(1);
    await stage.runToEnd(only);
    expect([...new Set(seen)]).toEqual(all(400));
    expect(await stage.command('HEXISTS', stage.stateKey(counted), 'loss:only')).toBe(0);
  });

  test('by the emergency brake, with the state of the groups lost too: the group resumes from SQL', async () => {
    for (let batch = 0; batch < 3; batch += 1) await stage.append(counted, range(100));
    await stage.command('DEL', stage.stateKey(counted));
    await stage.runToEnd(only);
    expect([...new Set(seen)]).toEqual(all(300));
  });

  test('after their delivery: the group resumes from SQL', async () => {
    await stage.append(counted, range(3));
    during = () => stage.command('XTRIM', name(), 'MAXLEN', 0).then(() => Promise.reject(new Error('cut off')));
    await stage.withoutSettle(counted, () => stage.run(only));
    seen = [];
    await stage.pass(120_000);
    await stage.runToEnd(only);
    expect(seen).toEqual(all(3));
  });

  test('with their ids given to other events: a late acknowledgement does not reach the other event', async () => {
    await stage.append(counted, [{ key: 'a', n: 1 }]);
    const [first] = await entries();
    // The events whose ids Redis gives again after the failover.
    during = async () => {
      await stage.append(counted, [{ key: 'b', n: 2 }]);
      const [, other] = await entries();
      await stage.command('DEL', name());
      await stage.command('XADD', name(), first?.[0] ?? '', 'e', other?.[1][1] ?? '');
      await stage.command('XGROUP', 'CREATE', name(), 'only', '0');
      // The lease is lost too, and another run has the entry.
      await stage.command('HSET', stage.stateKey(counted), 'lease:only', '9999999999999 another');
      await stage.command('XREADGROUP', 'GROUP', 'only', 'w', 'STREAMS', name(), '>');
    };
    expect(await stage.run(only)).toMatchObject({ result: { lost: true } });
    expect(await pending()).toBe(1);
    await stage.command('HDEL', stage.stateKey(counted), 'lease:only');
    await stage.run(only);
    expect(seen).toContain('b1');
  });

  test('that this release cannot read are read from SQL', async () => {
    await stage.append(counted, range(2));
    const [first] = await entries();
    await stage.command('DEL', name());
    await stage.command('XADD', name(), first?.[0] ?? '', 'e', '{"of":"another release"}');
    await stage.command('XGROUP', 'CREATE', name(), 'only', '0');
    await stage.runToEnd(only);
    expect(seen).toEqual(all(2));
  });
});

describe('runs', () => {
  test('a second run is refused while the first one handles its batch', async () => {
    await stage.append(counted, range(2));
    let second: unknown;
    during = async () => {
      second = await stage.run(only);
    };
    await stage.run(only);
    expect(second).toMatchObject({ state: 'done', result: { busy: true } });
    expect(seen).toEqual(all(2));
  });

  test('a run whose lease has ended acknowledges nothing; the run that took its entries does', async () => {
    await stage.append(counted, range(2));
    during = async () => {
      await stage.pass(120_000);
      expect(await stage.run(only)).toMatchObject({ state: 'done' });
      await stage.append(counted, [{ key: 'b', n: 0 }]);
    };
    await stage.run(only);
    expect(await pending()).toBe(0);
    // At least once: both runs have handled the events.
    expect(seen).toEqual([...all(2), ...all(2)]);
    await stage.run(only);
    expect(seen).toContain('b1');
  });

  test('entries of runs that died twice come alone', async () => {
    await stage.append(counted, range(4));
    for (let death = 0; death < 2; death += 1) {
      await stage.withoutSettle(counted, () => stage.run(only));
      await stage.pass(120_000);
    }
    expect(sizes).toEqual([4, 4]);
    await stage.run(only);
    expect(sizes).toEqual([4, 4, 1, 1, 1, 1]);
    expect(await stage.dead(only)).toEqual([]);
    expect(await pending()).toBe(0);
  });

  test('an event whose runs never end is put aside with NO_END', async () => {
    await stage.append(counted, range(1));
    for (let death = 0; death < 3; death += 1) {
      await stage.withoutSettle(counted, () => stage.run(only));
      await stage.pass(120_000);
    }
    seen = [];
    await stage.run(only);
    expect(seen).toEqual([]);
    expect(await stage.dead(only)).toEqual([{ key: 'a', version: 1, reason: 'NO_END' }]);
  });
});

describe('a fault of the database during a run', () => {
  test('uses up no attempt', async () => {
    await stage.append(counted, range(1));
    for (let attempt = 0; attempt < 6; attempt += 1) {
      during = () => Promise.reject(Object.assign(new Error('Connection terminated unexpectedly')));
      await stage.run(only);
      await stage.pass(60_000);
    }
    expect(await stage.dead(only)).toEqual([]);
    await stage.run(only);
    expect(seen).toEqual(all(1));
  });
});
