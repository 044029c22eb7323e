/** Consumer groups: each event is handled, in the order of its key, at exact costs, and nothing is trimmed too early. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Consumer, consumer } from '../../../src/platform/streams/index.ts';
import { numbers, openStage } from './stage.ts';

const counted = numbers();
let seen: string[];
let run: (n: number, isAlone: boolean, group: string) => void;
const label = ({ key, version }: { key: string; version: number }) => `${key}${version}`;
const first: Consumer = consumer(counted, 'first', {
  retries: 2,
  async run(events) {
    for (const { data } of events) run(data.n, events.length === 1, 'first');
    seen.push(...events.map(label));
  },
});
let seenBySecond: string[];
const second = consumer(counted, 'second', {
  order: 'none',
  retries: 2,
  async run(events) {
    for (const { data } of events) run(data.n, events.length === 1, 'second');
    seenBySecond.push(...events.map(label));
  },
});
const stage = openStage(() => [first, second]);
beforeEach(() => {
  seen = [];
  seenBySecond = [];
  run = () => {};
});

const range = (count: number, from = 0) => Array.from({ length: count }, (_, index) => ({ key: 'a', n: from + index }));

describe('a publication', () => {
  test('of a write with 3 events costs 1 request with 1 command, and wakes each group once', async () => {
    await stage.settleGroups([first, second]);
    await stage.append(counted, range(3));
    const requests = stage.requests();
    expect(requests.map((commands) => commands.length)).toEqual([1]);
    expect(await stage.queue.enqueued(first.job)).toEqual([{}]);
    await stage.append(counted, range(3));
    expect(stage.requests()).toHaveLength(1);
    expect(await stage.queue.enqueued(first.job)).toEqual([{}]);
    await stage.queue.advance(stage.app.app, 1_000);
    expect(seen).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
    expect(seenBySecond).toEqual(seen);
    await stage.append(counted, range(1));
    expect(await stage.queue.enqueued(first.job)).toEqual([{}]);
  });

  test('that is repeated adds nothing', async () => {
    await stage.settleGroups([first, second]);
    await stage.append(counted, range(2));
    const before = await stage.entries(counted);
    await stage.queue.advance(stage.app.app, 20_000);
    await stage.app.platform.scheduled();
    expect(await stage.query("SELECT kind FROM outbox WHERE kind LIKE 'event%'")).toEqual([]);
    expect(before).toBe(2);
    expect(seen).toEqual(['a1', 'a2']);
    expect(seenBySecond).toEqual(['a1', 'a2']);
  });
});

describe('costs', () => {
  test('1,000 events are 21 requests of take and settle: 10 batches of 100 and the last empty take', async () => {
    await stage.settleGroups([first, second]);
    for (let from = 0; from < 1_000; from += 200) await stage.append(counted, range(200, from));
    stage.requests();
    expect(await stage.run(second)).toMatchObject({ state: 'done', result: { handled: 1_000, dead: 0 } });
    expect(seenBySecond).toHaveLength(1_000);
    const requests = stage.requests();
    expect(requests).toHaveLength(21);
    expect(requests.flat()).toHaveLength(21);
  });
});

describe('trimming', () => {
  test('nothing is trimmed while a group is behind, and everything handled by all groups is', async () => {
    await stage.settleGroups([first, second]);
    await stage.append(counted, range(10));
    await stage.run(first);
    expect(await stage.entries(counted)).toBe(10);
    await stage.run(second);
    // The last entry marks the end of what is handled.
    expect(await stage.entries(counted)).toBe(1);
    expect(seen).toHaveLength(10);
  });

  test('a group that is idle for longer than keep.age holds nothing back, and resumes from SQL', async () => {
    await stage.settleGroups([first, second]);
    await stage.append(counted, range(5));
    await stage.queue.advance(stage.app.app, 1_000);
    const handled = seenBySecond.length;
    expect(handled).toBe(5);
    await stage.command('HSET', stage.stateKey(counted), 'seen:second', '1');
    await stage.append(counted, range(5));
    await stage.run(first);
    expect(await stage.entries(counted)).toBe(1);
    await stage.runToEnd(second);
    expect(new Set(seenBySecond)).toEqual(new Set(seen));
    expect(seen).toHaveLength(10);
  });
});

describe('an event that fails', () => {
  test('in the middle of a batch: the events before it are acknowledged, it is tried three times, then put aside', async () => {
    await stage.settleGroups([first]);
    await stage.append(counted, [
      { key: 'a', n: 1 },
      { key: 'b', n: 2 },
      { key: 'c', n: 3 },
    ]);
    let tries = 0;
    run = (n, isAlone, group) => {
      if (n !== 2 || group !== 'first') return;
      if (isAlone) tries += 1;
      throw new RangeError('poison');
    };
    expect((await stage.run(first)).state).toBe('queued');
    expect([seen, tries]).toEqual([['a1'], 1]);
    expect(await stage.run(first)).toMatchObject({ result: { busy: true } });
    await stage.queue.advance(stage.app.app, 5_000);
    expect([seen, tries]).toEqual([['a1'], 2]);
    await stage.queue.advance(stage.app.app, 10_000);
    expect([seen, tries]).toEqual([['a1', 'c1'], 3]);
    expect(await stage.dead(first)).toEqual([{ key: 'b', version: 1, reason: 'RangeError' }]);
  });

  test('holds its key: later events of the key are put aside too, events of other keys are handled', async () => {
    await stage.settleGroups([first]);
    await stage.append(counted, [{ key: 'b', n: 2 }]);
    run = (n) => {
      if (n === 2) throw new RangeError('poison');
    };
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await stage.run(first);
      await stage.queue.advance(stage.app.app, 60_000);
    }
    await stage.append(counted, [
      { key: 'b', n: 5 },
      { key: 'c', n: 6 },
    ]);
    await stage.run(first);
    expect(seen).toEqual(['c1']);
    expect(await stage.dead(first)).toEqual([
      { key: 'b', version: 1, reason: 'RangeError' },
      { key: 'b', version: 2, reason: 'KEY_HELD' },
    ]);
    // A replay handles them in the order of the key.
    run = () => {};
    await stage.query('UPDATE dead_events SET replay = true WHERE tenant_id = $1', [stage.tenant.id]);
    await stage.run(first);
    expect(seen).toEqual(['c1', 'b1', 'b2']);
    expect(await stage.dead(first)).toEqual([]);
  });

  test('is skipped when the order does not matter: later events of its key are handled', async () => {
    await stage.settleGroups([second]);
    await stage.append(counted, [
      { key: 'b', n: 2 },
      { key: 'b', n: 3 },
    ]);
    run = (n) => {
      if (n === 2) throw new RangeError('poison');
    };
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await stage.run(second);
      await stage.queue.advance(stage.app.app, 60_000);
    }
    expect(seenBySecond).toEqual(['b2']);
    expect(await stage.dead(second)).toEqual([{ key: 'b', version: 1, reason: 'RangeError' }]);
  });
});

describe('a new group', () => {
  test('handles every event from the beginning, from SQL', async () => {
    await stage.append(counted, range(250));
    await stage.command('FLUSHALL');
    await stage.runToEnd(first);
    expect(seen).toEqual(Array.from({ length: 250 }, (_, index) => `a${index + 1}`));
  });
});

describe('the schedule', () => {
  test('wakes the groups of a Redis that has lost everything, and their runs handle what was lost', async () => {
    await stage.settleGroups([first, second]);
    await stage.app.platform.scheduled();
    await stage.append(counted, range(3));
    await stage.command('FLUSHALL');
    await stage.queue.advance(stage.app.app, 60_000);
    await stage.app.platform.scheduled();
    await stage.consume();
    expect(seen).toEqual(['a1', 'a2', 'a3']);
  });

  test('of a quiet deployment costs 1 command', async () => {
    await stage.app.platform.scheduled();
    await stage.queue.advance(stage.app.app, 120_000);
    stage.requests();
    await stage.app.platform.scheduled();
    expect(stage.requests().map((commands) => commands.length)).toEqual([1]);
  });
});
