/**
 * Deployments that change groups: a group that is new, a projection of another generation, a release that lacks a group
 * of another one, and a stream that has no group.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { consumer, projection } from '../../../src/platform/streams/index.ts';
import { watchKey } from '../../../src/platform/streams/keys.ts';
import { take } from '../../../src/platform/streams/take.ts';
import { numbers, openStage } from './stage.ts';

const counted = numbers();
const bare = numbers();
const first = consumer(counted, 'first', { async run() {} });
const second = consumer(counted, 'second', { async run() {} });
const rows = projection(counted, 'rows', { async apply() {}, async clear() {} });
const stage = openStage(() => [first, second, rows]);
beforeEach(async () => {
  // The schedule wakes the groups of all tenants, also those of earlier tests.
  await stage.query('DELETE FROM events');
  await stage.query('DELETE FROM stream_groups');
});

const one = [{ key: 'a', n: 1 }];
const watched = async () =>
  ((await stage.command('ZRANGEBYSCORE', watchKey, '(0', '+inf')) as string[]).map((member) => member.split(' ')[1]);
/** One tick of the schedule, at which the watched streams are late. */
async function tick(): Promise<void> {
  await stage.pass(61_000);
  await stage.app.platform.scheduled();
}
/** Everything is handled, and the schedule knows this release. */
async function quiet(): Promise<void> {
  await stage.append(counted, one);
  await stage.consume();
  await stage.settleGroups([first, second, rows]);
  await tick();
  await stage.consume();
}

describe('the schedule', () => {
  test('wakes the groups of a stream that is quiet if their release is new to it, and only those that never ran', async () => {
    await quiet();
    // A release without `second` has looked at the list, and `second` has never run.
    await stage.command('DEL', watchKey);
    await stage.command('ZADD', watchKey, 0, ' another release');
    await stage.query("DELETE FROM stream_groups WHERE name = 'second'");
    await tick();
    expect(await stage.queue.enqueued(second.job)).toEqual([{}]);
    expect(await stage.queue.enqueued(first.job)).toEqual([]);
    await stage.consume();
    await tick();
    expect(await stage.queue.enqueued(second.job)).toEqual([]);
  });

  test('wakes a projection of a quiet stream if its release has another generation', async () => {
    await quiet();
    await stage.command('DEL', watchKey);
    await stage.command('ZADD', watchKey, 0, ' another release');
    await stage.query("UPDATE stream_groups SET declared = 7 WHERE name = 'rows'");
    await tick();
    expect(await stage.queue.enqueued(rows.job)).toEqual([{}]);
    expect(await stage.queue.enqueued(first.job)).toEqual([]);
    await stage.consume();
    const [row] = await stage.query(
      "SELECT generation, declared FROM stream_groups WHERE name = 'rows' AND tenant_id = $1",
      [stage.tenant.id],
    );
    expect(row).toEqual({ generation: 2, declared: 1 });
  });

  test('repeats the wake-up after a flush if the jobs could not be enqueued', async () => {
    await quiet();
    await stage.command('FLUSHALL');
    const { intercept } = stage.rest;
    // Redis refuses the records of the jobs, and nothing else.
    let refused = 0;
    stage.rest.intercept = (request) => {
      if (!request.commands.some((command) => String(command).includes(`stream.${counted.name}.`))) {
        return intercept?.(request) ?? 'pass';
      }
      refused += 1;
      return { status: 503, body: { error: 'busy' } };
    };
    await stage.pass(61_000);
    await stage.app.platform.scheduled();
    expect(refused).toBeGreaterThan(0);
    stage.rest.intercept = intercept;
    expect(await stage.queue.enqueued(first.job)).toEqual([]);
    await tick();
    expect(await stage.queue.enqueued(first.job)).toEqual([{}]);
  });

  test('does not watch a stream without groups', async () => {
    await stage.append(bare, one);
    expect(await stage.entries(bare)).toBe(1);
    expect(await watched()).not.toContain(bare.name);
    await stage.append(counted, one);
    expect(await watched()).toContain(counted.name);
  });
});

describe('a run of a release that lacks a group of another release', () => {
  const runOfOther = () =>
    stage.within(({ redis, system }) =>
      take(
        { redis, system },
        {
          ...{ tenant: stage.tenant.id, name: counted.name, group: 'first', holder: 'other', leaseMs: 1 },
          groups: ['first'],
        },
        { most: 100, keepsLease: false },
      ),
    );

  test('keeps the stream watched until the group has handled its entries', async () => {
    await quiet();
    await stage.append(counted, one);
    await stage.run(first);
    await stage.run(rows);
    expect(await runOfOther()).toEqual({ kind: 'empty' });
    expect(await watched()).toContain(counted.name);
    await stage.run(second);
    expect(await runOfOther()).toEqual({ kind: 'empty' });
    expect(await watched()).not.toContain(counted.name);
  });

  test('does not wait for a group that was removed: without a take for a day', async () => {
    await quiet();
    await stage.append(counted, one);
    await stage.run(first);
    await stage.run(rows);
    await stage.command('HSET', stage.stateKey(counted), 'seen:second', '1');
    expect(await runOfOther()).toEqual({ kind: 'empty' });
    expect(await watched()).not.toContain(counted.name);
  });
});
