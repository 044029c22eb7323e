/** Projections: each event takes effect once, in the order of its key; a rebuild replaces the rows. */
import { beforeEach, describe, expect, test } from 'vitest';
import { enqueueNow, jobServices, readJob } from '../../../src/platform/jobs/index.ts';
import { runJob } from '../../../src/platform/jobs/testing.ts';
import { readGeneration } from '../../../src/platform/streams/generation.ts';
import { projection } from '../../../src/platform/streams/index.ts';
import { numbers, openStage } from './stage.ts';

const counted = numbers();
let fails: ((n: number) => boolean) | undefined;
let factor = 1;
/** Writes each applied event as a row, so a second application of an event would be a second row. */
const log = projection(counted, 'log', {
  retries: 1,
  async apply(tx, event, generation) {
    if (fails?.(event.data.n)) throw new RangeError('poison');
    await tx.query(`INSERT INTO applied_writes (id, applied_at) VALUES ($1, now())`, [
      `${tx.tenant}/${generation}/${event.key}/${event.version}/${event.data.n * factor}`,
    ]);
  },
  async clear(tx, generation) {
    await tx.query("DELETE FROM applied_writes WHERE id LIKE $1 || '/%' AND split_part(id, '/', 2)::int < $2::int", [
      tx.tenant,
      generation,
    ]);
  },
});
const stage = openStage(() => [log]);
beforeEach(() => {
  fails = undefined;
  factor = 1;
});

/** The rows of a generation, as `<key><version>=<number>`. */
async function rows(generation: number): Promise<string[]> {
  const found = await stage.query<{ id: string }>(
    "SELECT id FROM applied_writes WHERE id LIKE $1 || '/' || $2 || '/%' ORDER BY id COLLATE \"C\"",
    [stage.tenant.id, String(generation)],
  );
  return found.map(({ id }) => id.split('/').slice(2)).map(([key, version, n]) => `${key}${version}=${n}`);
}
const generation = () => readGeneration(stage.reader(), counted.name, 'log');
const rebuild = () =>
  stage.within(async (scope) => {
    const job = log.rebuild;
    if (!job) throw new Error('A projection has a job that rebuilds it');
    const { id } = await runJob(scope, stage.tenant.id, job, {});
    return readJob(jobServices(scope), stage.tenant.id, id);
  });

/** Starts a rebuild whose failed attempts the queue repeats. */
const start = () =>
  stage.within((scope) =>
    enqueueNow(scope, log.rebuild ? [{ tenant: stage.tenant.id, job: log.rebuild, input: {} }] : []),
  );

describe('a projection', () => {
  test('applies events of several keys once, also when Redis delivers them twice', async () => {
    await stage.settleGroups([log]);
    await stage.append(counted, [
      { key: 'a', n: 1 },
      { key: 'b', n: 2 },
      { key: 'a', n: 3 },
    ]);
    const entries = (await stage.command('XRANGE', stage.streamKey(counted), '-', '+')) as [string, string[]][];
    await stage.run(log);
    for (const [, [, text = '']] of entries) await stage.command('XADD', stage.streamKey(counted), '*', 'e', text);
    await stage.run(log);
    expect(await rows(1)).toEqual(['a1=1', 'a2=3', 'b1=2']);
  });

  test('applies the missing events first when a later event comes before an earlier one', async () => {
    await stage.settleGroups([log]);
    await stage.append(counted, [
      { key: 'a', n: 1 },
      { key: 'a', n: 2 },
      { key: 'a', n: 3 },
    ]);
    const entries = (await stage.command('XRANGE', stage.streamKey(counted), '-', '+')) as [string, string[]][];
    await stage.command('XTRIM', stage.streamKey(counted), 'MAXLEN', 0);
    const [, [, last = ''] = []] = entries[2] ?? [];
    await stage.command('XADD', stage.streamKey(counted), '*', 'e', last);
    await stage.run(log);
    expect(await rows(1)).toEqual(['a1=1', 'a2=2', 'a3=3']);
  });

  test('whose run dies before the acknowledgement applies nothing twice', async () => {
    await stage.settleGroups([log]);
    await stage.append(counted, [
      { key: 'a', n: 1 },
      { key: 'a', n: 2 },
    ]);
    await stage.withoutSettle(counted, () => stage.run(log));
    expect(await rows(1)).toEqual(['a1=1', 'a2=2']);
    await stage.queue.advance(stage.app.app, 120_000);
    await stage.run(log);
    expect(await rows(1)).toEqual(['a1=1', 'a2=2']);
    const [pending] = (await stage.command('XPENDING', stage.streamKey(counted), 'log')) as unknown[];
    expect(pending).toBe(0);
  });

  test('an event that throws leaves no part of its changes, and the events before it are applied', async () => {
    await stage.settleGroups([log]);
    fails = (n) => n === 2;
    await stage.append(counted, [
      { key: 'a', n: 1 },
      { key: 'b', n: 2 },
      { key: 'c', n: 3 },
    ]);
    await stage.run(log);
    expect(await rows(1)).toEqual(['a1=1']);
    await stage.queue.advance(stage.app.app, 10_000);
    expect(await rows(1)).toEqual(['a1=1', 'c1=3']);
    expect(await stage.dead(log)).toEqual([{ key: 'b', version: 1, reason: 'RangeError' }]);
  });
});

describe('a rebuild', () => {
  test('builds the next generation from SQL, switches, and deletes the old rows', async () => {
    await stage.settleGroups([log]);
    await stage.append(
      counted,
      Array.from({ length: 30 }, (_, n) => ({ key: `k${n % 3}`, n })),
    );
    await stage.run(log);
    const before = await rows(1);
    expect(before).toHaveLength(30);
    factor = 10;
    expect(await rebuild()).toMatchObject({ state: 'done', result: { generation: 2 } });
    expect(await generation()).toBe(2);
    expect(await rows(1)).toEqual([]);
    expect(await rows(2)).toEqual(before.map((row) => row.replace(/=(\d+)$/, (_, n: string) => `=${Number(n) * 10}`)));
    await stage.append(counted, [{ key: 'k0', n: 99 }]);
    await stage.run(log);
    expect(await rows(2)).toContain('k011=990');
  });

  test('brings the new generation to the state of the old one, even if events above the oldest transaction are applied', async () => {
    await stage.settleGroups([log]);
    await stage.append(counted, [
      { key: 'a', n: 1 },
      { key: 'a', n: 2 },
    ]);
    await stage.run(log);
    // As if a long transaction still ran: no page of the rebuild shows the events.
    await stage.query("UPDATE events SET xid = '9000000'::xid8 WHERE tenant_id = $1", [stage.tenant.id]);
    expect(await rebuild()).toMatchObject({ state: 'done' });
    expect(await rows(2)).toEqual(['a1=1', 'a2=2']);
    expect(await generation()).toBe(2);
  });

  test('that fails keeps the present generation, and its repetition goes on', async () => {
    await stage.settleGroups([log]);
    await stage.append(counted, [
      { key: 'a', n: 1 },
      { key: 'b', n: 2 },
    ]);
    await stage.run(log);
    fails = (n) => n === 2;
    await start();
    await stage.queue.drain(stage.app.app);
    expect([await generation(), await rows(1), await rows(2)]).toEqual([1, ['a1=1', 'b1=2'], []]);
    fails = undefined;
    await stage.queue.advance(stage.app.app, 60_000);
    expect([await generation(), await rows(2)]).toEqual([2, ['a1=1', 'b1=2']]);
  });

  test('that applies dead events frees their keys', async () => {
    await stage.settleGroups([log]);
    fails = (n) => n === 1;
    await stage.append(counted, [
      { key: 'a', n: 1 },
      { key: 'a', n: 2 },
    ]);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await stage.run(log);
      await stage.pass(60_000);
    }
    await stage.run(log);
    expect(await stage.dead(log)).toHaveLength(2);
    fails = undefined;
    await rebuild();
    await stage.append(counted, [{ key: 'a', n: 3 }]);
    await stage.run(log);
    expect(await stage.dead(log)).toEqual([]);
    expect(await rows(2)).toEqual(['a1=1', 'a2=2', 'a3=3']);
  });

  test('has at most 100 events in a transaction', async () => {
    await stage.settleGroups([log]);
    await stage.append(
      counted,
      Array.from({ length: 250 }, (_, n) => ({ key: `k${n}`, n })),
    );
    await rebuild();
    const sizes = await stage.query<{ size: number }>(
      "SELECT count(*)::int AS size FROM applied_writes WHERE id LIKE $1 || '/2/%' GROUP BY xmin::text",
      [stage.tenant.id],
    );
    expect(sizes.map(({ size }) => size).sort()).toEqual([100, 100, 50]);
  });

  test('that is interrupted, while events are appended and applied, has all events once', async () => {
    await stage.settleGroups([log]);
    await stage.append(
      counted,
      Array.from({ length: 101 }, (_, n) => ({ key: `k${n}`, n })),
    );
    await stage.run(log);
    fails = (n) => n === 100;
    await start();
    await stage.queue.drain(stage.app.app);
    // The first 100 events are in the next generation.
    fails = undefined;
    expect(await rows(2)).toHaveLength(100);
    await stage.append(counted, [
      { key: 'k0', n: 7 },
      { key: 'new', n: 8 },
    ]);
    await stage.run(log);
    await stage.queue.advance(stage.app.app, 60_000);
    expect(await generation()).toBe(2);
    const built = await rows(2);
    expect(built).toHaveLength(103);
    expect(built).toEqual(expect.arrayContaining(['k01=0', 'k02=7', 'new1=8', 'k1001=100']));
  });

  test('of a stream without events switches to an empty generation', async () => {
    expect(await rebuild()).toMatchObject({ state: 'done', result: { generation: 2 } });
    await stage.append(counted, [{ key: 'a', n: 1 }]);
    await stage.runToEnd(log);
    expect(await rows(2)).toEqual(['a1=1']);
  });

  test('starts by itself when the code declares another generation', async () => {
    await stage.settleGroups([log]);
    await stage.append(counted, [{ key: 'a', n: 1 }]);
    await stage.run(log);
    await stage.query('UPDATE stream_groups SET declared = 7 WHERE tenant_id = $1', [stage.tenant.id]);
    await stage.run(log);
    await stage.queue.drain(stage.app.app);
    expect(await generation()).toBe(2);
  });
});
